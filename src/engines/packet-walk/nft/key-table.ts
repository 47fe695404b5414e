import type { NftElement } from '#facts/nft.ts';
import { wordsOf } from './bytes.ts';
import type { Registers } from './registers.ts';

/** Elements by their whole key: open addressing over the keys' words, as 100,000 elements are many strings. */
export class KeyTable {
  readonly #elements: readonly NftElement[];
  readonly #width: number;
  readonly #keys: Uint32Array;
  /** Index of the element and one; 0: empty. */
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(elements: readonly NftElement[], keyLength: number) {
    this.#elements = elements;
    this.#width = (keyLength + 3) >> 2;
    this.#keys = new Uint32Array(elements.length * this.#width);
    let size = 8;
    while (size < elements.length * 2) size *= 2;
    this.#slots = new Int32Array(size);
    this.#mask = size - 1;
    for (const [i, { key }] of elements.entries()) this.#add(wordsOf(key), i);
  }

  #add(words: Uint32Array, i: number): void {
    this.#keys.set(words.subarray(0, this.#width), i * this.#width);
    let slot = hash(words, 0, this.#width) & this.#mask;
    while (this.#slots[slot] !== 0) {
      if (this.#same((this.#slots[slot] as number) - 1, words, 0)) return;
      slot = (slot + 1) & this.#mask;
    }
    this.#slots[slot] = i + 1;
  }

  find({ words }: Registers, from: number): NftElement | null {
    let slot = hash(words, from, this.#width) & this.#mask;
    for (let at = this.#slots[slot] as number; at !== 0; at = this.#slots[slot] as number) {
      if (this.#same(at - 1, words, from)) return this.#elements[at - 1] as NftElement;
      slot = (slot + 1) & this.#mask;
    }
    return null;
  }

  #same(element: number, words: Uint32Array, from: number): boolean {
    const start = element * this.#width;
    for (let i = 0; i < this.#width; i++) if (this.#keys[start + i] !== words[from + i]) return false;
    return true;
  }
}

function hash(words: Uint32Array, from: number, width: number): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < width; i++) {
    value = Math.imul(value ^ (words[from + i] as number), 0x9e3779b1);
    value ^= value >>> 15;
  }
  return value >>> 0;
}
