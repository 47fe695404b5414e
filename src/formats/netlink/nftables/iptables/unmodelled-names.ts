import type { NftRule } from '#facts/nft.ts';

/** Why parts of a rule could not be decoded, in brackets; '' where all was. */
export function unmodelledNames(rule: NftRule): string {
  const reasons = rule.expressions.flatMap((expression) => (expression.kind === 'unmodelled' ? [expression.because] : []));
  return reasons.length === 0 ? '' : ` (${reasons.join('; ')})`;
}
