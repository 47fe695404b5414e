import type { NftExpression } from '#facts/nft.ts';
import { opaqueComment, opaqueReason } from '../nft-listing/statements.ts';

/** An extension of iptables that a listing only names. */
export interface Opaque {
  readonly type: 'match' | 'target';
  readonly name: string;
}

export function opaqueOf(expression: NftExpression): Opaque | null {
  if (expression === opaqueComment) return { type: 'match', name: 'comment' };
  if (expression.kind !== 'unmodelled' || expression.because !== opaqueReason) return null;
  const parts = /^xt (match|target) (.+)$/.exec(expression.name);
  return parts === null ? null : { type: parts[1] as Opaque['type'], name: parts[2] as string };
}

export function hasOpaque(expressions: readonly NftExpression[]): boolean {
  return expressions.some((expression) => opaqueOf(expression) !== null);
}
