import type { NftExpression } from '#facts/nft.ts';
import { next, type Op } from '../op.ts';
import { hostWord } from './bytes.ts';
import { choiceOf, choiceOp } from './choice.ts';
import { jhash, scale } from './jhash.ts';
import type { Registers } from './registers.ts';
import type { Place } from './told.ts';

/**
 * net/netfilter/nft_hash.c: a Jenkins hash with a seed that is told is computed, also over registers; the other hashes have a secret of the
 * kernel in them, and any value may come out.
 */
export function hashOp(
  expression: Extract<NftExpression, { readonly kind: 'hash' }>,
  expressions: readonly NftExpression[],
  { context, position }: Place,
): Op {
  const { from, length, modulus, seed, offset, to } = expression;
  const choose = choiceOf(expression, expressions, position + 1, context);
  if (expression.type === 'symhash' || from === null || seed === null) return choiceOp(choose);
  return {
    run: (machine) => {
      const { registers } = machine;
      if (registers.isKnown(from, length)) {
        const value = scale(jhash(bytesAt(registers, from, length), seed), modulus) + offset;
        registers.set(to, hostWord(value >>> 0, 4, context.littleEndian));
      } else choose(machine);
      return next;
    },
    asks: true,
    reads: 0,
    markReads: 0,
    writes: false,
  };
}

function bytesAt(registers: Registers, at: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => registers.byte(at, i));
}
