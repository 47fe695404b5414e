import type { NftChain, NftExpression, NftRule, NftRuleset, NftTable, NftVerdict } from '#facts/nft.ts';
import type { Target } from '#facts/rule.ts';
import { type Editing, editRules, readRule, refusal } from './edit-chain.ts';
import { withoutComments } from './edit-ruleset.ts';
import type { RuleCommand } from './read-command.ts';
import { isStandard, standardChains } from './standard-chains.ts';

const none = new Uint8Array();
const priorities: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };

/** Rules of nf_tables after a command of iptables-nft, or why it cannot be done. */
export function editNft(ruleset: NftRuleset, command: RuleCommand): NftRuleset | string {
  const { family, table: tableName, chain: name, action } = command;
  const table = ruleset.tables.find((each) => each.family === family && each.name === tableName) ?? newTable(family, tableName);
  if (table === null) return `table ${tableName}, which iptables does not have`;
  // iptables-nft makes the base chains of a table when it first needs them.
  const chain = table.chains.get(name) ?? (isStandard(tableName, name) ? newTable(family, tableName)?.chains.get(name) : undefined);
  const refused = refusal(command, chain && chain.base !== null);
  if (refused !== null) return refused;
  if (chain === undefined) return withChain(ruleset, table, emptyChain(name, null));
  if (action.kind === 'policy')
    return withChain(ruleset, table, { ...copyOf(chain, chain.rules), policy: action.policy === 'DROP' ? 'drop' : 'accept' });
  if (action.kind === 'delete-rule') return 'a rule by its words: of nft rules name the position, as in -D CHAIN 3';
  const rules = editRules(chain.rules, action, editingOf(family, table, chain));
  return typeof rules === 'string' ? rules : withChain(ruleset, table, copyOf(chain, rules));
}

function editingOf(family: 'ip' | 'ip6', table: NftTable, chain: NftChain): Editing<NftRule> {
  return {
    make: (text) => {
      const parts = readRule(text, { family, backend: 'nft' }, table.chains);
      if (typeof parts === 'string') return parts;
      const { matches, target } = parts;
      const match: NftExpression = { kind: 'xt-match', name: 'as-if', revision: 0, info: none, text, matches };
      const expressions = [match, ...targetExpressions(target, text)];
      return { index: 0, handle: 0, expressions, comment: null, text, line: chain.line, packets: null, bytes: null };
    },
    same: (a, b) => a === b || withoutComments(partsOf(a)) === withoutComments(partsOf(b)),
  };
}

function partsOf({ expressions }: NftRule): Parameters<typeof withoutComments>[0] {
  const matches = expressions.flatMap((each) => (each.kind === 'xt-match' ? each.matches : []));
  return { matches, target: { kind: 'continue', name: '' } };
}

function targetExpressions(target: Target, text: string): readonly NftExpression[] {
  const verdict = verdictOf(target);
  if (verdict !== null) return [{ kind: 'verdict', verdict }];
  return target.kind === 'continue' ? [] : [{ kind: 'xt-target', name: 'as-if', revision: 0, info: none, text, target }];
}

function verdictOf(target: Target): NftVerdict | null {
  switch (target.kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return { kind: target.kind };
    case 'jump':
    case 'goto':
      return { kind: target.kind, chain: target.chain };
    default:
      return null;
  }
}

function withChain(ruleset: NftRuleset, table: NftTable, chain: NftChain): NftRuleset {
  const edited = { ...table, chains: new Map(table.chains).set(chain.name, chain) };
  const others = ruleset.tables.filter((each) => each.family !== table.family || each.name !== table.name);
  return { ...ruleset, tables: [...others, edited] };
}

function copyOf(chain: NftChain, rules: readonly NftRule[]): NftChain {
  const numbered = rules.map((rule, i) => ({ ...rule, index: i + 1 }));
  const { name, handle, base, policy, packets, bytes, line } = chain;
  return { name, handle, base, policy, packets, bytes, line, ruleCount: numbered.length, rules: numbered, jumps: null };
}

function emptyChain(name: string, base: NftChain['base']): NftChain {
  const policy = base === null ? null : 'accept';
  return { name, handle: 0, base, policy, packets: null, bytes: null, line: 1, ruleCount: 0, rules: [], jumps: [] };
}

function newTable(family: 'ip' | 'ip6', name: string): NftTable | null {
  const names = standardChains(name);
  if (names === null) return null;
  const chains = names.map((each) => {
    const hook = each.toLowerCase() as 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
    const source = hook === 'input' || hook === 'postrouting';
    const type = name === 'nat' ? 'nat' : name === 'mangle' && hook === 'output' ? 'route' : 'filter';
    const priority = name === 'nat' ? (source ? 100 : -100) : (priorities[name] ?? 0);
    return [each, emptyChain(each, { hook, type, priority, devices: [] })] as const;
  });
  return { family, name, dormant: false, chains: new Map(chains), sets: new Map(), flowtables: [], line: 1 };
}
