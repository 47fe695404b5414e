import type { NftExpression } from '#facts/nft.ts';
import type { NftContext } from './context.ts';

/** Words of the register file as bits. */
export function registerBits(at: number | null, length: number): number {
  if (at === null) return 0;
  let bits = 0;
  for (let i = 0; i < Math.max(1, (length + 3) >> 2); i++) bits |= 1 << (at + i);
  return bits;
}

const all = 0xffffffff | 0;

/** Registers that an expression reads; all of them where that is not certain. */
function readsOf(expression: NftExpression, { table }: NftContext): number {
  switch (expression.kind) {
    case 'compare':
      return registerBits(expression.from, expression.value.length);
    case 'range':
      return registerBits(expression.from, expression.first.length);
    case 'bitwise':
    case 'shift':
    case 'byteorder':
      return registerBits(expression.from, expression.length);
    case 'lookup':
      return registerBits(expression.from, table.sets.get(expression.set)?.keyLength ?? 64);
    case 'payload':
    case 'meta':
    case 'ct':
    case 'fib':
    case 'numgen':
    case 'rt':
    case 'socket':
    case 'exthdr':
    case 'immediate':
    case 'verdict':
    case 'counter':
    case 'last':
    case 'log':
    case 'limit':
    case 'quota':
    case 'connlimit':
    case 'notrack':
    case 'reject':
    case 'xt-match':
    case 'xt-target':
      return 0;
    default:
      return all;
  }
}

/** Registers that an expression certainly overwrites. */
function writesOf(expression: NftExpression): number {
  switch (expression.kind) {
    case 'payload':
      return registerBits(expression.to, expression.length);
    case 'meta':
    case 'ct':
    case 'numgen':
      return registerBits(expression.to, 1);
    case 'immediate':
      return registerBits(expression.to, expression.value.length);
    case 'bitwise':
      return registerBits(expression.to, expression.length);
    default:
      return 0;
  }
}

/** Whether no expression from `start` on reads what these registers hold now. */
export function isDead(bits: number, expressions: readonly NftExpression[], start: number, context: NftContext): boolean {
  let live = bits;
  for (let i = start; i < expressions.length && live !== 0; i++) {
    const expression = expressions[i] as NftExpression;
    if ((readsOf(expression, context) & live) !== 0) return false;
    live &= ~writesOf(expression);
  }
  return true;
}
