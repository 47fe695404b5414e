import type { Family } from '#facts/address.ts';
import { ownerOfChain } from '#facts/chain-owner.ts';
import type { NftChain, NftRule, NftRuleset, NftTable } from '#facts/nft.ts';
import type { RuleSelector } from '#facts/packet-walk.ts';
import type { WalkChain, WalkTable } from '../chain.ts';
import { type ChainSource, LazyWalkChain, type RuleSource } from '../lazy-chain.ts';
import { isLeftOut } from '../left-out.ts';
import type { Op } from '../op.ts';
import { compileRule } from './compile-rule.ts';
import type { NftContext } from './context.ts';
import { hiddenDependency } from './hidden-dependency.ts';
import { keysOf } from './rule-key.ts';

/** A table of nf_tables as packets of one family see it. */
export function nftTable(table: NftTable, ruleset: NftRuleset, family: Family, without: readonly RuleSelector[]): WalkTable {
  const chains = new Map<string, WalkChain>();
  const own: WalkTable = {
    backend: 'nft',
    family: table.family,
    name: table.name,
    source: ruleset.source,
    chain: (name) => {
      const known = chains.get(name);
      if (known !== undefined) return known;
      const chain = table.chains.get(name);
      if (chain === undefined) return null;
      const made = new LazyWalkChain(own, chainSource(chain, { own, table, ruleset, family, without }));
      chains.set(name, made);
      return made;
    },
  };
  return own;
}

interface Around {
  readonly own: WalkTable;
  readonly table: NftTable;
  readonly ruleset: NftRuleset;
  readonly family: Family;
  readonly without: readonly RuleSelector[];
}

function chainSource(chain: NftChain, around: Around): ChainSource {
  const { name, base, policy, packets, line, ruleCount } = chain;
  return {
    name,
    policy: base === null ? null : (policy ?? 'accept'),
    packets,
    line,
    ruleCount,
    rule: (position) => ruleSource(chain.rules[position] as NftRule, chain, around),
    keys: () => chain.rules.map((rule) => keysOf(rule, contextOf(rule, chain, around))),
  };
}

function contextOf(rule: NftRule, chain: NftChain, { table, ruleset, family }: Around): NftContext {
  return {
    table,
    family,
    littleEndian: ruleset.littleEndian,
    key: `nft ${table.family} ${table.name} ${chain.name} ${rule.index}`,
    text: rule.text,
    gap: (because) => ({ backend: 'nft', table: table.name, chain: chain.name, rule: rule.index, because }),
  };
}

function ruleSource(rule: NftRule, chain: NftChain, around: Around): RuleSource {
  const { index, line, text, packets } = rule;
  const identity = { table: around.own, chain: chain.name, rule: index, owner: () => ownerOf(rule, chain.name) };
  const leftOut = around.without.length > 0 && isLeftOut(around.without, identity);
  const compile = (): readonly Op[] => {
    const ops = compileRule(rule, contextOf(rule, chain, around));
    const hidden = around.ruleset.origin === 'kernel' || around.table.family === 'ip' ? null : hiddenDependency(rule.expressions);
    return hidden === null ? ops : [hidden, ...ops];
  };
  return { index, line, text, packets, effect: 'continue', leftOut, compile };
}

/** As of xt rules: the chain's owner, else that of the chain it jumps to, else Calico's by its comment. */
export function ownerOf(rule: NftRule, chain: string): string {
  const own = ownerOfChain(chain);
  if (own !== 'other') return own;
  for (const expression of rule.expressions) {
    if (expression.kind !== 'verdict') continue;
    const { verdict } = expression;
    const target = verdict.kind === 'jump' || verdict.kind === 'goto' ? ownerOfChain(verdict.chain) : 'other';
    if (target !== 'other') return target;
  }
  return /\bcali:[\w-]{16}\b/.test(`${rule.comment ?? ''} ${rule.text}`) ? 'calico' : 'other';
}
