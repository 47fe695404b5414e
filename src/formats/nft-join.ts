import type { Family } from '#facts/address.ts';
import type { NftChain, NftExpression, NftRule, NftRuleset, NftTable } from '#facts/nft.ts';
import type { Chain, Ruleset, Table } from '#facts/rule.ts';
import { type Joined, joinRule, type SavedRule } from './nft-join/join-rule.ts';
import { isTranslated, joinTranslated } from './nft-join/join-translated.ts';
import { hasOpaque, opaqueOf } from './nft-join/opaque.ts';

/** Dumps of iptables-nft-save and ip6tables-nft-save of the same moment. */
export interface Saves {
  readonly ip?: Ruleset | undefined;
  readonly ip6?: Ruleset | undefined;
}

const ownTables = ['raw', 'mangle', 'nat', 'filter', 'security'];

/**
 * A listing of nft with the extensions of iptables, which nft only names, from the dump rule by rule: same table, chain and index. A rule is
 * joined where its chain has as many rules in both, and where what both show says the same; else it stays undecided, with what disagrees.
 */
export function joinSave(listing: NftRuleset, saves: Saves): NftRuleset {
  const tables = listing.tables.map((table) => joinTable(table, saves));
  return { ...listing, tables, unreadable: [...listing.unreadable, ...notListed(listing, saves)] };
}

/** Tables that the dump has and the listing has not: one of the two is not whole. */
function notListed(listing: NftRuleset, saves: Saves): NftRuleset['unreadable'] {
  return (['ip', 'ip6'] as const).flatMap((family) =>
    [...(saves[family]?.tables.values() ?? [])]
      .filter(({ name, chains }) => !isIdle(chains) && !listing.tables.some((table) => table.family === family && table.name === name))
      .map(({ name }) => ({ family, table: name, because: `${saves[family]?.source} has the table, ${listing.source} has not` })),
  );
}

/** A table that lets everything through: iptables-nft-save prints such tables that the kernel does not have, when asked for them. */
function isIdle(chains: Table['chains']): boolean {
  return [...chains.values()].every(({ ruleCount, policy }) => ruleCount === 0 && policy !== 'DROP');
}

function joinTable(table: NftTable, saves: Saves): NftTable {
  if ((table.family !== 'ip' && table.family !== 'ip6') || !ownTables.includes(table.name)) return table;
  const family = table.family;
  const save = saves[family];
  const saved = save?.tables.get(table.name);
  const unreadable = save?.unreadable.find((each) => each.table === table.name)?.because;
  const reason =
    save === undefined ? 'there is no dump of iptables-nft-save beside it' : (unreadable ?? `${save.source} has no table ${table.name}`);
  const chains = new Map<string, NftChain>();
  for (const chain of table.chains.values()) {
    const chainSaved = unreadable === undefined ? saved?.chains.get(chain.name) : undefined;
    const because = saved === undefined || unreadable !== undefined ? reason : `${save?.source} has no chain ${chain.name}`;
    chains.set(chain.name, new JoinedChain(chain, { family, table: saved, chain: chainSaved, because }));
  }
  // Sets of rules come to be when the rule is compiled: they stay those of the listed table.
  return { ...plain(table), chains };
}

function plain(table: NftTable): Omit<NftTable, 'chains'> {
  const { family, name, dormant, sets, flowtables, line } = table;
  return { family, name, dormant, sets, flowtables, line };
}

interface Saved {
  readonly family: Family;
  readonly table: Table | undefined;
  readonly chain: Chain | undefined;
  /** Why there is no chain. */
  readonly because: string;
}

/** A listed chain that is joined with the dump when it is looked at. */
class JoinedChain implements NftChain {
  readonly name: string;
  readonly handle: number;
  readonly base: NftChain['base'];
  readonly policy: NftChain['policy'];
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly line: number;
  readonly ruleCount: number;
  readonly #listed: NftChain;
  readonly #saved: Saved;
  #rules: readonly NftRule[] | null = null;

  constructor(listed: NftChain, saved: Saved) {
    this.name = listed.name;
    this.handle = listed.handle;
    this.base = listed.base;
    this.policy = listed.policy;
    this.packets = saved.chain?.packets ?? null;
    this.bytes = saved.chain?.bytes ?? null;
    this.line = listed.line;
    this.ruleCount = listed.ruleCount;
    this.#listed = listed;
    this.#saved = saved;
  }

  get jumps(): readonly string[] | null {
    return this.#listed.jumps;
  }

  get rules(): readonly NftRule[] {
    this.#rules ??= this.#listed.rules.map((rule) => {
      if (isTranslated(rule.expressions)) return this.#join(rule, joinTranslated);
      return hasOpaque(rule.expressions) ? this.#join(rule, joinRule) : this.#inWordsOfDump(rule);
    });
    return this.#rules;
  }

  /** A rule that the listing shows whole: the dump's words for it, where both say the same, can be cited by their line. Most rules are never shown. */
  #inWordsOfDump(rule: NftRule): NftRule {
    const saved = this.#saved.chain?.ruleCount === this.ruleCount ? this.#saved.chain.rules[rule.index - 1] : undefined;
    if (saved === undefined) return rule;
    const { family, table } = this.#saved;
    let text: string | null = null;
    return {
      ...rule,
      get text() {
        const joined = text === null ? joinRule(rule, { rule: saved, family, isChain: (name) => table?.chains.has(name) === true }) : null;
        text ??= joined !== null && 'rule' in joined ? joined.rule.text : rule.text;
        return text;
      },
    };
  }

  #join(rule: NftRule, join: (listed: NftRule, saved: SavedRule) => Joined): NftRule {
    const { chain, table, family } = this.#saved;
    if (chain === undefined) return undecided(rule, this.#saved.because);
    if (chain.ruleCount !== this.ruleCount) return undecided(rule, `the chain has ${this.ruleCount} rules, ${chain.ruleCount} in the dump`);
    const saved = chain.rules[rule.index - 1];
    if (saved === undefined) return undecided(rule, 'the rule is not in the dump');
    const joined = join(rule, { rule: saved, family, isChain: (name) => table?.chains.has(name) === true });
    return 'rule' in joined ? joined.rule : undecided(rule, `listing and dump disagree: ${joined.disagrees}`);
  }
}

function undecided(rule: NftRule, because: string): NftRule {
  const expressions = rule.expressions.map((expression): NftExpression => {
    if (expression.kind !== 'unmodelled' || (opaqueOf(expression) === null && !isTranslated([expression]))) return expression;
    return { ...expression, because: `${expression.because}, and ${because}` };
  });
  return { ...rule, expressions };
}
