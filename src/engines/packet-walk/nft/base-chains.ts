import type { Family } from '#facts/address.ts';
import type { NftRuleset, NftTable } from '#facts/nft.ts';
import type { RuleSelector } from '#facts/packet-walk.ts';
import type { PlacedChain } from '../placed-chain.ts';
import { nftTable } from './table.ts';

/** The base chains of nf_tables that see packets of a family: its own, and those of `inet`. */
export function nftBaseChains(ruleset: NftRuleset, family: Family, without: readonly RuleSelector[]): readonly PlacedChain[] {
  return ruleset.tables.filter((table) => sees(table, family)).flatMap((table) => placed(table, ruleset, family, without));
}

function sees(table: NftTable, family: Family): boolean {
  return !table.dormant && (table.family === family || table.family === 'inet');
}

function placed(table: NftTable, ruleset: NftRuleset, family: Family, without: readonly RuleSelector[]): readonly PlacedChain[] {
  const own = nftTable(table, ruleset, family, without);
  return [...table.chains.values()].flatMap(({ name, base: at, handle }) => {
    const base = own.chain(name);
    if (at === null || base === null || at.hook === 'ingress' || at.hook === 'egress') return [];
    const member = { kind: 'chain' as const, base, reroutes: at.type === 'route' && at.hook === 'output', handle };
    return [{ hook: at.hook, priority: at.priority, nat: at.type === 'nat', member }];
  });
}
