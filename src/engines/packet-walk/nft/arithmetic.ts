import type { NftExpression } from '#facts/nft.ts';
import { next, type Op } from '../op.ts';
import { hostWord, swap16, swap32, wordMask, wordsOf } from './bytes.ts';
import type { Registers } from './registers.ts';

type Of<K extends NftExpression['kind']> = Extract<NftExpression, { readonly kind: K }>;
export type Arithmetic = Of<'bitwise' | 'shift' | 'bitwise-registers' | 'byteorder' | 'immediate'>;

/** Expressions that compute with registers alone. */
export function arithmetic(expression: Arithmetic, littleEndian: boolean): (registers: Registers) => void {
  switch (expression.kind) {
    case 'bitwise':
      return maskAndXor(expression);
    case 'shift':
      return shift(expression, littleEndian);
    case 'bitwise-registers':
      return combine(expression);
    case 'byteorder':
      return byteorder(expression);
    case 'immediate': {
      const words = wordsOf(expression.value);
      return (registers) => registers.setWords(expression.to, words);
    }
    default:
      return expression satisfies never;
  }
}

export function arithmeticOp(run: (registers: Registers) => void): Op {
  return {
    run: (machine) => {
      run(machine.registers);
      return next;
    },
    asks: false,
    reads: 0,
    markReads: 0,
    writes: false,
  };
}

/** net/netfilter/nft_bitwise.c: what the mask takes away is known to be zero. */
function maskAndXor({ from, to, mask, xor }: Of<'bitwise'>): (registers: Registers) => void {
  const masks = wordsOf(mask);
  const xors = wordsOf(xor);
  return (registers) => {
    for (let i = 0; i < masks.length; i++) {
      const kept = masks[i] as number;
      const word = (((registers.words[from + i] as number) & kept) ^ (xors[i] as number)) >>> 0;
      const known = ((registers.known[from + i] as number) | ~kept) >>> 0;
      if (known === 0xffffffff) registers.set(to + i, word);
      else registers.setPartly(to + i, word, known, registers.because[from + i] as string | null);
    }
  };
}

/** One number of several words in the host's order, the first the most significant (nft_bitwise_eval_lshift). */
function shift({ direction, from, to, length, bits }: Of<'shift'>, littleEndian: boolean): (registers: Registers) => void {
  const count = (length + 3) >> 2;
  const move = (words: readonly number[], i: number): number => {
    const own = words[i] as number;
    const other = words[direction === 'left' ? i + 1 : i - 1] ?? 0;
    if (bits === 0) return own;
    return direction === 'left' ? ((own << bits) | (other >>> (32 - bits))) >>> 0 : ((own >>> bits) | (other << (32 - bits))) >>> 0;
  };
  return (registers) => {
    const at = Array.from({ length: count }, (_, i) => i);
    const words = at.map((i) => hostWord(registers.words[from + i] as number, 4, littleEndian));
    const unknown = at.map((i) => hostWord(~(registers.known[from + i] as number) >>> 0, 4, littleEndian));
    const because = registers.reason(from, length) ?? null;
    for (const i of at) {
      const known = ~hostWord(move(unknown, i), 4, littleEndian) >>> 0;
      registers.setPartly(to + i, hostWord(move(words, i), 4, littleEndian), known, because);
    }
  };
}

function combine({ op, from, from2, to, length }: Of<'bitwise-registers'>): (registers: Registers) => void {
  return (registers) => {
    const because = registers.reason(from, length) ?? registers.reason(from2, length) ?? null;
    for (let i = 0; i * 4 < length; i++) {
      const [a, b] = [registers.words[from + i] as number, registers.words[from2 + i] as number];
      const known = (registers.known[from + i] as number) & (registers.known[from2 + i] as number);
      const word = op === 'and' ? a & b : op === 'or' ? a | b : a ^ b;
      registers.setPartly(to + i, word >>> 0, (known | ~wordMask(length, i)) >>> 0, because);
    }
  };
}

/**
 * net/netfilter/nft_byteorder.c. Whole groups only: what is left over is not touched, as where nft asks for groups of two of a single byte. Numbers
 * of two bytes stand one beside the other, those of four in a word each; of eight both words change places.
 */
function byteorder({ from, to, length, size }: Of<'byteorder'>): (registers: Registers) => void {
  if (size === 2) return (registers) => swapHalves(registers, from, to, length >> 1);
  const flip = size === 8 ? 1 : 0;
  const count = Math.trunc(length / size) * (size >> 2);
  return (registers) => {
    const words = Array.from({ length: count }, (_, i) => swap32(registers.words[from + i] as number));
    const known = Array.from({ length: count }, (_, i) => swap32(registers.known[from + i] as number));
    const because = registers.reason(from, length) ?? null;
    for (let i = 0; i < count; i++) registers.setPartly(to + i, words[i ^ flip] as number, known[i ^ flip] as number, because);
  };
}

function swapHalves(registers: Registers, from: number, to: number, halves: number): void {
  for (let i = 0; i < halves; i++) {
    const shift = (i & 1) * 16;
    const [source, target] = [from + (i >> 1), to + (i >> 1)];
    const half = (words: Uint32Array): number => swap16(((words[source] as number) >>> shift) & 0xffff);
    const keep = ~(0xffff << shift);
    const word = ((registers.words[target] as number) & keep) | (half(registers.words) << shift);
    const known = ((registers.known[target] as number) & keep) | (half(registers.known) << shift);
    registers.setPartly(target, word >>> 0, known >>> 0, registers.because[source] as string | null);
  }
}
