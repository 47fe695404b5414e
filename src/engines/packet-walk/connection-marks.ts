import type { Family } from '#facts/address.ts';
import type { NftExpression } from '#facts/nft.ts';
import type { Target } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { legacyRulesOf, nftRulesOf } from './rule-sources.ts';

/** Whether a rule of the family writes marks of connections. True where rules were not read. */
export function hasMarkingRule(snapshot: Snapshot, family: Family): boolean {
  const legacy = legacyRulesOf(snapshot, family);
  const nft = nftRulesOf(snapshot);
  if (legacy.kind === 'missing' || nft.kind === 'missing') return true;
  const tables = nft.value.tables.filter((table) => table.family === family || table.family === 'inet');
  return (
    rulesOf(legacy.value.tables.values()).some(({ target }) => writes(target)) ||
    rulesOf(tables).some(({ expressions }) => expressions.some(marks))
  );
}

function rulesOf<T>(tables: Iterable<{ readonly chains: ReadonlyMap<string, { readonly rules: readonly T[] }> }>): readonly T[] {
  return [...tables].flatMap(({ chains }) => [...chains.values()].flatMap(({ rules }) => rules));
}

const writes = ({ kind }: Target): boolean => kind === 'set-connmark' || kind === 'save-connmark' || kind === 'unmodelled';

const marks = (each: NftExpression): boolean =>
  (each.kind === 'ct-set' && each.key === 'mark') || (each.kind === 'xt-target' && writes(each.target)) || each.kind === 'unmodelled';
