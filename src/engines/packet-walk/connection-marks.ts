import type { Family } from '#facts/address.ts';
import type { NftExpression } from '#facts/nft.ts';
import type { Target } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { legacyRulesOf, nftRulesOf } from './rule-sources.ts';

/** Whether a rule of the family writes marks of connections. True where rules were not read. */
export function hasMarkingRule(snapshot: Snapshot, family: Family): boolean {
  const legacy = legacyRulesOf(snapshot, family);
  const nft = nftRulesOf(snapshot);
  const listed = snapshot.rulesets.nft[family];
  if (legacy.kind === 'missing') return true;
  if (hasRule(legacy.value.tables.values(), ({ target }) => writes(target))) return true;
  if (nft.kind === 'read') {
    const tables = nft.value.tables.filter((table) => table.family === family || table.family === 'inet');
    return hasRule(tables, ({ expressions }) => expressions.some(marks));
  }
  return (
    listed.kind === 'missing' ||
    snapshot.nativeChains.kind === 'missing' ||
    hasRule(listed.value.tables.values(), ({ target }) => writes(target)) ||
    snapshot.nativeChains.value.some(({ ruleCount }) => ruleCount > 0)
  );
}

/** Rules are decoded only up to the first such. */
function hasRule<T>(
  tables: Iterable<{ readonly chains: ReadonlyMap<string, { readonly rules: readonly T[] }> }>,
  isSuch: (rule: T) => boolean,
): boolean {
  for (const { chains } of tables) for (const { rules } of chains.values()) if (rules.some(isSuch)) return true;
  return false;
}

const writes = ({ kind }: Target): boolean => kind === 'set-connmark' || kind === 'save-connmark' || kind === 'unmodelled';

const marks = (each: NftExpression): boolean =>
  (each.kind === 'ct-set' && each.key === 'mark') || (each.kind === 'xt-target' && writes(each.target)) || each.kind === 'unmodelled';
