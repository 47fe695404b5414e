import type { NftExpression } from '#facts/nft.ts';
import type { Fields } from '../fields.ts';
import { verdictInData } from '../verdict.ts';
import type { ExpressionDecoder, Surroundings } from './decoder.ts';
import { unmodelled } from './decoder.ts';

const compares = ['eq', 'neq', 'lt', 'lte', 'gt', 'gte'] as const;
const bitwiseOps = ['mask-xor', 'left', 'right', 'and', 'or', 'xor'] as const;

/** net/netfilter/nft_cmp.c: SREG 1, OP 2, DATA 3. */
function compare(fields: Fields): NftExpression {
  return { kind: 'compare', op: fields.oneOf(2, compares), from: fields.register(1), value: fields.data(3) };
}

/** net/netfilter/nft_range.c: SREG 1, OP 2, FROM_DATA 3, TO_DATA 4. */
function range(fields: Fields): NftExpression {
  const op = fields.oneOf(2, ['eq', 'neq']);
  return { kind: 'range', op, from: fields.register(1), first: fields.data(3), last: fields.data(4) };
}

/** net/netfilter/nft_bitwise.c: SREG 1, DREG 2, LEN 3, MASK 4, XOR 5, OP 6, DATA 7, SREG2 8. */
function bitwise(fields: Fields, around: Surroundings): NftExpression {
  const op = fields.has(6) ? fields.oneOf(6, bitwiseOps) : 'mask-xor';
  const from = fields.register(1);
  const to = fields.register(2);
  const length = fields.u32(3);
  if (op === 'mask-xor') {
    const mask = fields.data(4);
    const xor = fields.data(5);
    return mask.length === length && xor.length === length
      ? { kind: 'bitwise', from, to, length, mask, xor }
      : unmodelled('bitwise', 'a mask of another length than the value');
  }
  if (op === 'left' || op === 'right') return { kind: 'shift', direction: op, from, to, length, bits: bitsOf(fields.data(7), around) };
  return { kind: 'bitwise-registers', op, from, from2: fields.register(8), to, length };
}

/** The kernel takes the number of bits in its own byte order. */
function bitsOf(data: Uint8Array, around: Surroundings): number {
  return data[around.littleEndian ? 0 : data.length - 1] ?? 0;
}

/** net/netfilter/nft_byteorder.c: SREG 1, DREG 2, OP 3, LEN 4, SIZE 5. Both directions swap alike. */
function byteorder(fields: Fields): NftExpression {
  return { kind: 'byteorder', from: fields.register(1), to: fields.register(2), length: fields.u32(4), size: fields.u32(5) };
}

/** net/netfilter/nft_immediate.c: DREG 1, DATA 2. */
function immediate(fields: Fields): NftExpression {
  if (!fields.isVerdictRegister(1)) return { kind: 'immediate', to: fields.register(1), value: fields.data(2) };
  const verdict = verdictInData(fields.bytes, fields.range(2), fields.names);
  return verdict === null ? unmodelled('immediate', 'a verdict that is not known') : { kind: 'verdict', verdict };
}

/** net/netfilter/nft_lookup.c: SET 1, SREG 2, DREG 3, SET_ID 4, FLAGS 5 (NFT_LOOKUP_F_INV). */
function lookup(fields: Fields): NftExpression {
  const to = fields.has(3) ? (fields.isVerdictRegister(3) ? 'verdict' : fields.register(3)) : null;
  const negated = fields.flags(5, { 1: 'inverted' }).length > 0;
  return { kind: 'lookup', set: fields.text(1), from: fields.register(2), to, negated };
}

export const computations: Readonly<Record<string, ExpressionDecoder>> = {
  cmp: { known: 3, decode: compare },
  range: { known: 4, decode: range },
  bitwise: { known: 8, decode: bitwise },
  byteorder: { known: 5, decode: byteorder },
  immediate: { known: 2, decode: immediate },
  lookup: { known: 5, decode: lookup },
};
