import type { NftElement, NftSet } from '#facts/nft.ts';
import { wordMask, wordsOf } from './bytes.ts';
import { IntervalTable } from './interval-table.ts';
import { KeyTable } from './key-table.ts';
import type { Registers } from './registers.ts';

/** Elements of a set that a key which is not all known may be, at most. */
const maxCandidates = 64;

/** A set of nf_tables, indexed when a packet first asks. */
export class SetLookup {
  readonly set: NftSet;
  readonly catchall: NftElement | null;
  readonly #table: KeyTable | IntervalTable;

  private constructor(set: NftSet) {
    this.set = set;
    const { keyFields, keyLength } = set;
    const plain: NftElement[] = [];
    let catchall: NftElement | null = null;
    let ranges = false;
    for (const element of set.elements) {
      if (element.catchall) catchall = element;
      else plain.push(element);
      ranges ||= element.last !== null;
    }
    this.catchall = catchall;
    this.#table = ranges ? new IntervalTable(plain, keyFields, keyLength) : new KeyTable(plain, keyLength);
  }

  static readonly #known = new WeakMap<NftSet, SetLookup>();

  static of(set: NftSet): SetLookup {
    let found = SetLookup.#known.get(set);
    if (found === undefined) {
      found = new SetLookup(set);
      SetLookup.#known.set(set, found);
    }
    return found;
  }

  /** The element of a key that is known, the catch-all aside. */
  find(registers: Registers, from: number): NftElement | null {
    return this.#table.find(registers, from);
  }

  /** Elements that the known bits of a key allow, the catch-all aside; null: too many to tell. */
  candidates(registers: Registers, from: number): readonly NftElement[] | null {
    const found: NftElement[] = [];
    for (const element of this.set.elements) {
      if (element.catchall || !mayBe(element, registers, from)) continue;
      if (found.length === maxCandidates) return null;
      found.push(element);
    }
    return found;
  }
}

/** Intervals are taken as possible where they are wide: only single keys can be ruled out by some of their bits. */
function mayBe({ key, last }: NftElement, registers: Registers, from: number): boolean {
  if (last !== null) return true;
  const words = wordsOf(key);
  for (let i = 0; i < words.length; i++) {
    const known = (registers.known[from + i] as number) & wordMask(key.length, i);
    if ((((registers.words[from + i] as number) ^ (words[i] as number)) & known) !== 0) return false;
  }
  return true;
}
