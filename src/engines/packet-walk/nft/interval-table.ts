import type { NftElement } from '#facts/nft.ts';
import { swap32, wordsOf } from './bytes.ts';
import type { Registers } from './registers.ts';

/** Words of a key with the first byte highest, so that they compare as memcmp does. */
type Bound = Uint32Array;

interface Interval {
  readonly element: NftElement;
  readonly first: Bound;
  readonly last: Bound;
}

/** A field of a concatenated key: where its words begin, and how many they are. */
interface Field {
  readonly at: number;
  readonly width: number;
}

/**
 * Elements that are intervals, field by field where the key is a concatenation (nft_set_rbtree.c, nft_set_pipapo.c). They are sorted by the field that
 * tells most of them apart; the greatest end up to each place says how far back a look has to go.
 */
export class IntervalTable {
  readonly #intervals: readonly Interval[];
  readonly #fields: readonly Field[];
  readonly #sorted: Field;
  readonly #greatest: readonly Bound[];

  constructor(elements: readonly NftElement[], keyFields: readonly number[], keyLength: number) {
    this.#fields = fieldsOf(keyFields, keyLength);
    const intervals = elements.map((element) => ({
      element,
      first: boundOf(element.key),
      last: boundOf(element.last ?? element.key),
    }));
    this.#sorted = this.#fields.toSorted((a, b) => distinct(intervals, b) - distinct(intervals, a))[0] as Field;
    const { at, width } = this.#sorted;
    this.#intervals = intervals.toSorted((a, b) => compareBounds(a.first, b.first, at, width));
    const greatest: Bound[] = [];
    for (const { last } of this.#intervals) {
      const before = greatest.at(-1);
      greatest.push(before !== undefined && compareBounds(before, last, at, width) > 0 ? before : last);
    }
    this.#greatest = greatest;
  }

  find({ words }: Registers, from: number): NftElement | null {
    const { at, width } = this.#sorted;
    let low = 0;
    for (let high = this.#intervals.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (compareKey(words, from, (this.#intervals[middle] as Interval).first, at, width) >= 0) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0; i--) {
      if (compareKey(words, from, this.#greatest[i] as Bound, at, width) > 0) return null;
      const interval = this.#intervals[i] as Interval;
      if (this.#contains(interval, words, from)) return interval.element;
    }
    return null;
  }

  #contains({ first, last }: Interval, words: Uint32Array, from: number): boolean {
    for (const { at, width } of this.#fields) {
      if (compareKey(words, from, first, at, width) < 0) return false;
      if (compareKey(words, from, last, at, width) > 0) return false;
    }
    return true;
  }
}

function fieldsOf(lengths: readonly number[], keyLength: number): readonly Field[] {
  if (lengths.length < 2) return [{ at: 0, width: (keyLength + 3) >> 2 }];
  let at = 0;
  return lengths.map((length) => {
    const width = (length + 3) >> 2;
    at += width;
    return { at: at - width, width };
  });
}

function boundOf(key: Uint8Array): Bound {
  return wordsOf(key).map(swap32);
}

function distinct(intervals: readonly Interval[], { at, width }: Field): number {
  return new Set(intervals.map(({ first }) => first.subarray(at, at + width).join('.'))).size;
}

function compareBounds(a: Bound, b: Bound, at: number, width: number): number {
  for (let i = at; i < at + width; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  return 0;
}

function compareKey(words: Uint32Array, from: number, bound: Bound, at: number, width: number): number {
  for (let i = at; i < at + width; i++) {
    const own = swap32(words[from + i] as number);
    if (own !== bound[i]) return own - (bound[i] as number);
  }
  return 0;
}
