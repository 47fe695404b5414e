import type { Family } from '#facts/address.ts';
import type { RuleSelector } from '#facts/packet-walk.ts';
import type { Hook, Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { nftBaseChains } from './nft/base-chains.ts';
import type { PlacedChain } from './placed-chain.ts';
import { legacyRulesOf, nftRulesOf } from './rule-sources.ts';
import { xtTable } from './xt/table.ts';

const hookOfChain: Readonly<Record<string, Hook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

/** Priorities of iptables' tables (enum nf_ip_hook_priorities). */
const priorities: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };
const natPriority = (hook: Hook): number => (hook === 'prerouting' || hook === 'output' ? -100 : 100);

/** The base chains of all tables that see packets of a family. */
export function baseChainsOf(snapshot: Snapshot, family: Family, without: readonly RuleSelector[]): readonly PlacedChain[] {
  const legacy = legacyRulesOf(snapshot, family);
  const nft = nftRulesOf(snapshot);
  const listed = snapshot.rulesets.nft[family];
  const xt = (rules: Ruleset) => compiledOnce(rules, family, without, () => xtBaseChains(rules, without));
  return [
    ...(nft.kind === 'read'
      ? compiledOnce(nft.value, family, without, () => nftBaseChains(nft.value, family, without))
      : listed.kind === 'read'
        ? xt(listed.value)
        : []),
    ...(legacy.kind === 'read' ? xt(legacy.value) : []),
  ];
}

const compiled: Readonly<Record<Family, WeakMap<object, readonly PlacedChain[]>>> = { ip: new WeakMap(), ip6: new WeakMap() };

/** The same chains for all models of the same rules: what one has compiled the others need not. */
function compiledOnce(
  rules: object,
  family: Family,
  without: readonly RuleSelector[],
  make: () => readonly PlacedChain[],
): readonly PlacedChain[] {
  if (without.length > 0) return make();
  let chains = compiled[family].get(rules);
  if (chains === undefined) {
    chains = make();
    compiled[family].set(rules, chains);
  }
  return chains;
}

function xtBaseChains(ruleset: Ruleset, without: readonly RuleSelector[]): readonly PlacedChain[] {
  return [...ruleset.tables.values()].flatMap((table) => {
    const own = xtTable(ruleset, table, without);
    return [...table.chains.values()].flatMap((chain) => {
      const hook = chain.policy === null ? undefined : hookOfChain[chain.name];
      if (hook === undefined) return [];
      const base = own.chain(chain.name);
      if (base === null) return [];
      const reroutes = table.name === 'mangle' && hook === 'output';
      const priority = table.name === 'nat' ? natPriority(hook) : (priorities[table.name] ?? 0);
      return [{ hook, priority, nat: table.name === 'nat', member: { kind: 'chain' as const, base, reroutes, handle: null } }];
    });
  });
}
