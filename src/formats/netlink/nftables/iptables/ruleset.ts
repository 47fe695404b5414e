import type { Family } from '#facts/address.ts';
import type { NftChain, NftRule, NftRuleset, NftTable } from '#facts/nft.ts';
import type { Chain, Rule, Ruleset, Table } from '#facts/rule.ts';
import { matchesOf, textOf } from './parts.ts';
import { asIptablesRule } from './recognize.ts';
import { isStandardChain, tablesOfIptables } from './standard.ts';
import { unmodelledNames } from './unmodelled-names.ts';

/**
 * What the engines that think in iptables' words make of nf_tables: the tables of iptables-nft, in the order of iptables-nft-save. A rule
 * that iptables-nft does not write so gets an `unmodelled` match with its text. A base chain that is not iptables' own makes the table unreadable,
 * as for the save tool.
 */
export function asRuleset(ruleset: NftRuleset, family: Family): Ruleset {
  const tables = new Map<string, Table>();
  const unreadable: { readonly table: string; readonly because: string; readonly line: number }[] = [];
  for (const { table, because } of ruleset.unreadable.filter((each) => each.family === family))
    unreadable.push({ table, because, line: 0 });
  for (const name of tablesOfIptables) {
    const table = ruleset.tables.find((each) => each.family === family && each.name === name);
    if (table === undefined) continue;
    tables.set(name, { name, chains: chainsOf(table, ruleset, family) });
    const foreign = [...table.chains.values()].find((chain) => chain.base !== null && !isStandardChain(name, chain));
    if (foreign !== undefined) unreadable.push({ table: name, because: `base chain '${foreign.name}' is not one of iptables`, line: 0 });
    if (table.dormant) unreadable.push({ table: name, because: 'the table is dormant', line: 0 });
  }
  return { backend: 'nft', family, source: ruleset.source, tables, unreadable };
}

/** Base chains by hook, then the others by name. */
function chainsOf(table: NftTable, ruleset: NftRuleset, family: Family): ReadonlyMap<string, Chain> {
  const sorted = [...table.chains.values()].sort(inSaveOrder);
  const chains = new Map<string, Chain>();
  const context = { family, littleEndian: ruleset.littleEndian };
  let line = 1;
  for (const chain of sorted) {
    chains.set(chain.name, new TranslatedChain(chain, { ...context, line }));
    line += chain.ruleCount;
  }
  return chains;
}

const hooks = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

function inSaveOrder(a: NftChain, b: NftChain): number {
  if (a.base === null || b.base === null) return a.base === b.base ? compareText(a.name, b.name) : a.base === null ? 1 : -1;
  return hooks.indexOf(a.base.hook) - hooks.indexOf(b.base.hook) || compareText(a.name, b.name);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

class TranslatedChain implements Chain {
  readonly name: string;
  readonly policy: 'ACCEPT' | 'DROP' | null;
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly line: number;
  readonly ruleCount: number;
  readonly #chain: NftChain;
  readonly #context: { readonly family: Family; readonly littleEndian: boolean; readonly line: number };
  #rules: readonly Rule[] | null = null;

  constructor(chain: NftChain, context: { readonly family: Family; readonly littleEndian: boolean; readonly line: number }) {
    this.name = chain.name;
    this.policy = chain.base === null ? null : chain.policy === 'drop' ? 'DROP' : 'ACCEPT';
    this.packets = chain.packets;
    this.bytes = chain.bytes;
    this.line = context.line;
    this.ruleCount = chain.ruleCount;
    this.#chain = chain;
    this.#context = context;
  }

  get rules(): readonly Rule[] {
    this.#rules ??= this.#chain.rules.map((rule) => this.#translate(rule));
    return this.#rules;
  }

  #translate(rule: NftRule): Rule {
    const { index, packets, bytes } = rule;
    const place = { index, line: this.#context.line + index - 1, packets, bytes };
    const found = asIptablesRule(rule, this.#context);
    if (found !== null)
      return { ...place, text: textOf(found), matches: matchesOf(found), target: found.target?.target ?? { kind: 'continue', name: '' } };
    const { text } = rule;
    const matches = [{ kind: 'unmodelled', module: 'nft', text: `${text}${unmodelledNames(rule)}` }] as const;
    return { ...place, text, matches, target: { kind: 'unmodelled', name: 'nft', text } };
  }
}
