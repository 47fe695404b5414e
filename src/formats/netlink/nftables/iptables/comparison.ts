import type { NftCompare, NftExpression } from '#facts/nft.ts';

/** What is loaded, under which mask, and what it is compared with. */
export interface Comparison {
  readonly load: Extract<NftExpression, { kind: 'payload' | 'meta' }>;
  /** Null: the value as it is. */
  readonly mask: Uint8Array | null;
  readonly test:
    | { readonly kind: 'compare'; readonly op: NftCompare; readonly value: Uint8Array }
    | { readonly kind: 'range'; readonly negated: boolean; readonly first: Uint8Array; readonly last: Uint8Array };
  /** How many expressions it takes. */
  readonly count: number;
}

/** The comparison that starts with the load at `at`; null where what follows is none. `'unused'`: a value that nobody asks for. */
export function comparisonAt(expressions: readonly NftExpression[], at: number): Comparison | 'unused' | null {
  const load = expressions[at];
  if (load === undefined || (load.kind !== 'payload' && load.kind !== 'meta')) return null;
  const second = expressions[at + 1];
  if (second === undefined || !('from' in second)) return isUnused(load, second) ? 'unused' : null;
  if (second.kind !== 'bitwise') return testOf(second, load, null);
  const plain = second.from === load.to && second.to === load.to && second.xor.every((byte) => byte === 0);
  if (!plain || (load.kind === 'payload' && load.length !== second.length)) return null;
  return testOf(expressions[at + 2], load, second.mask);
}

function testOf(expression: NftExpression | undefined, load: Comparison['load'], mask: Uint8Array | null): Comparison | null {
  if (expression === undefined || !('from' in expression) || expression.from !== load.to) return null;
  const count = mask === null ? 2 : 3;
  if (expression.kind === 'compare') {
    if (mask !== null && mask.length !== expression.value.length) return null;
    if (load.kind === 'payload' && load.length !== expression.value.length) return null;
    return { load, mask, test: { kind: 'compare', op: expression.op, value: expression.value }, count };
  }
  if (expression.kind !== 'range' || mask !== null || load.kind !== 'payload') return null;
  if (expression.first.length !== load.length || expression.last.length !== load.length) return null;
  return { load, mask, test: { kind: 'range', negated: expression.op === 'neq', first: expression.first, last: expression.last }, count };
}

/**
 * iptables-nft loads the name of the interface for `-i +` and compares nothing. Only what always succeeds may be left out: a payload that is not
 * there ends the rule.
 */
function isUnused(load: Comparison['load'], next: NftExpression | undefined): boolean {
  if (load.kind !== 'meta' || (load.key !== 'iifname' && load.key !== 'oifname')) return false;
  return next === undefined || !('register' in next && next.register === load.to);
}

/** `neq` negates; other comparisons than `eq` and `neq` are null. */
export function negation(op: NftCompare): boolean | null {
  return op === 'eq' ? false : op === 'neq' ? true : null;
}
