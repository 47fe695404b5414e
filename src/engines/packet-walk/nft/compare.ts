import type { NftExpression } from '#facts/nft.ts';
import { fail, next, type Op } from '../op.ts';
import { swap32, wordMask, wordsOf } from './bytes.ts';
import type { Registers } from './registers.ts';
import { isTold } from './told.ts';

type Compare = Extract<NftExpression, { readonly kind: 'compare' }>;
type Range = Extract<NftExpression, { readonly kind: 'range' }>;

/** Whether a comparison holds; undefined: it depends on bits that are not known. */
export type Test = (registers: Registers) => boolean | undefined;

/** memcmp of the register with the constant (nft_cmp_eval in net/netfilter/nft_cmp.c). */
export function compareTest({ op, from, value }: Compare): Test {
  const words = wordsOf(value);
  const { length } = value;
  switch (op) {
    case 'eq':
      return (registers) => isEqual(registers, from, words, length);
    case 'neq':
      return (registers) => negated(isEqual(registers, from, words, length));
    case 'lt':
      return ordered(from, words, length, (order) => order < 0);
    case 'lte':
      return ordered(from, words, length, (order) => order <= 0);
    case 'gt':
      return ordered(from, words, length, (order) => order > 0);
    case 'gte':
      return ordered(from, words, length, (order) => order >= 0);
    default:
      return op satisfies never;
  }
}

/** nft_range_eval in net/netfilter/nft_range.c. */
export function rangeTest({ op, from, first, last }: Range): Test {
  const notBelow = ordered(from, wordsOf(first), first.length, (order) => order >= 0);
  const notAbove = ordered(from, wordsOf(last), last.length, (order) => order <= 0);
  const inside: Test = (registers) => {
    const [low, high] = [notBelow(registers), notAbove(registers)];
    return low === false || high === false ? false : low && high;
  };
  return op === 'eq' ? inside : (registers) => negated(inside(registers));
}

export function testOp(test: Test, from: number, length: number): Op {
  return {
    run: (machine) => {
      const found = test(machine.registers);
      if (found !== undefined) return found ? next : fail;
      return isTold(machine, machine.registers.reason(from, length) ?? null, `register ${from}`) ? next : fail;
    },
    asks: true,
    reads: 0,
    markReads: 0,
    writes: false,
  };
}

const negated = (found: boolean | undefined): boolean | undefined => (found === undefined ? undefined : !found);

function isEqual(registers: Registers, from: number, words: Uint32Array, length: number): boolean | undefined {
  let open = false;
  for (let i = 0; i < words.length; i++) {
    const mask = wordMask(length, i);
    const known = registers.known[from + i] as number;
    if ((((registers.words[from + i] as number) ^ (words[i] as number)) & mask & known) !== 0) return false;
    if ((~known & mask) !== 0) open = true;
  }
  return open ? undefined : true;
}

/** Where bits are not known the comparison is decided if the least and the greatest possible value agree. */
function ordered(from: number, words: Uint32Array, length: number, holds: (order: number) => boolean): Test {
  return (registers) => {
    const least = holds(order(registers, from, words, length, false));
    return least === holds(order(registers, from, words, length, true)) ? least : undefined;
  };
}

function order(registers: Registers, from: number, words: Uint32Array, length: number, greatest: boolean): number {
  for (let i = 0; i < words.length; i++) {
    const mask = wordMask(length, i);
    const word = registers.words[from + i] as number;
    const own = swap32((greatest ? word | ~(registers.known[from + i] as number) : word) & mask);
    const other = swap32((words[i] as number) & mask);
    if (own !== other) return own < other ? -1 : 1;
  }
  return 0;
}
