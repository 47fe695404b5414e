import { ownerOfRule } from '#facts/chain-owner.ts';
import type { RuleSelector } from '#facts/packet-walk.ts';
import type { Chain, Rule, Ruleset, Table } from '#facts/rule.ts';
import type { WalkChain, WalkTable } from '../chain.ts';
import { type ChainSource, LazyWalkChain, type RuleSource } from '../lazy-chain.ts';
import { isLeftOut } from '../left-out.ts';
import { keysOf, opsOf } from './compile-rule.ts';

/** A table of iptables, of x_tables or as a listing of iptables-nft shows it. */
export function xtTable(ruleset: Ruleset, table: Table, without: readonly RuleSelector[]): WalkTable {
  const { backend, family, source } = ruleset;
  const chains = new Map<string, WalkChain>();
  const own: WalkTable = {
    backend,
    family,
    name: table.name,
    source,
    chain: (name) => {
      const known = chains.get(name);
      if (known !== undefined) return known;
      const chain = table.chains.get(name);
      if (chain === undefined) return null;
      const made = new LazyWalkChain(own, chainSource(chain, own, ruleset, without));
      chains.set(name, made);
      return made;
    },
  };
  return own;
}

function chainSource(chain: Chain, table: WalkTable, ruleset: Ruleset, without: readonly RuleSelector[]): ChainSource {
  const { name, policy, packets, line, ruleCount } = chain;
  return {
    name,
    policy: policy === null ? null : policy === 'DROP' ? 'drop' : 'accept',
    packets,
    line,
    ruleCount,
    rule: (position) => ruleSource(chain.rules[position] as Rule, chain, table, ruleset, without),
    keys: () => chain.rules.map(keysOf),
  };
}

function ruleSource(
  rule: Rule,
  { name }: Chain,
  table: WalkTable,
  { backend, family }: Ruleset,
  without: readonly RuleSelector[],
): RuleSource {
  const { index, line, text, packets } = rule;
  const identity = { table, chain: name, rule: index, owner: () => ownerOfRule(name, rule) };
  const context = {
    backend,
    family,
    text,
    key: `${backend} ${family} ${table.name} ${name} ${index}`,
    ports: backend === 'nft' ? ('payload' as const) : ('match' as const),
    gap: (because: string) => ({ backend, table: table.name, chain: name, rule: index, because }),
  };
  const leftOut = without.length > 0 && isLeftOut(without, identity);
  return { index, line, text, packets, effect: rule.target.kind, leftOut, compile: () => opsOf(rule, context) };
}
