/** A set of numbers, 32 to a word from the word `base` on; numbers beside the words are not in it. Sets of neighbours are short wherever they lie. */
export interface Bits {
  readonly base: number;
  readonly words: number[];
}

export const none: Bits = { base: 0, words: [] };

export function oneBit(member: number): Bits {
  return { base: member >>> 5, words: [1 << (member & 31)] };
}

/** The numbers below `count`. */
export function firstBits(count: number): Bits {
  const words = new Array<number>((count + 31) >>> 5).fill(-1);
  if (count % 32 !== 0) words[words.length - 1] = (2 ** (count % 32) - 1) | 0;
  return { base: 0, words };
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** Sets one bit in place; where it lies beside the words, in a longer copy. */
export function withBit(bits: Bits, member: number): Bits {
  const own = reaching(bits, member >>> 5, (member >>> 5) + 1);
  const at = (member >>> 5) - own.base;
  own.words[at] = (own.words[at] as number) | (1 << (member & 31));
  return own;
}

/** Adds a set in place, or in a longer copy. */
export function addTo(all: Bits, more: Bits): Bits {
  const { base, words } = more;
  if (words.length === 0) return all;
  const own = reaching(all, base, base + words.length);
  includeIn(own, more);
  return own;
}

/** Adds a set in place to one that has its words already. */
export function includeIn(all: Bits, { base, words }: Bits): void {
  const own = all.words;
  const shift = base - all.base;
  for (let i = 0; i < words.length; i++) own[shift + i] = (own[shift + i] as number) | (words[i] as number);
}

/** The set itself where it has words from `first` to before `end`, else a copy with room to grow. */
function reaching(bits: Bits, first: number, end: number): Bits {
  const { base, words } = bits;
  if (words.length === 0) return { base: first, words: zeros(end - first) };
  const last = base + words.length;
  if (base <= first && end <= last) return bits;
  const from = first < base ? Math.max(0, first - words.length) : base;
  const to = end > last ? end + words.length : last;
  const longer = zeros(to - from);
  for (let i = 0; i < words.length; i++) longer[base - from + i] = words[i] as number;
  return { base: from, words: longer };
}

/** No members, but room for those of a set. */
export const emptyLike = ({ base, words }: Bits): Bits => ({ base, words: zeros(words.length) });

/** Every member greater by as much; not less than 0. */
export function shifted({ base, words }: Bits, by: number): Bits {
  const part = by & 31;
  if (part === 0) return { base: base + (by >> 5), words: words.slice() };
  const found = zeros(words.length + 1);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    found[i] = (found[i] as number) | (word << part);
    found[i + 1] = word >>> (32 - part);
  }
  return { base: base + (by >> 5), words: found };
}

/** The set itself, or without the words at both ends that hold nothing, where they are many. */
export function trimmed(bits: Bits): Bits {
  const { base, words } = bits;
  let from = 0;
  let to = words.length;
  while (from < to && words[from] === 0) from++;
  while (from < to && words[to - 1] === 0) to--;
  return (to - from) * 2 > words.length ? bits : { base: base + from, words: words.slice(from, to) };
}

export const copyOf = ({ base, words }: Bits): Bits => ({ base, words: words.slice() });

export function and(a: Bits, b: Bits): Bits {
  let from = Math.max(a.base, b.base);
  let to = Math.min(a.base + a.words.length, b.base + b.words.length);
  while (from < to && ((a.words[from - a.base] as number) & (b.words[from - b.base] as number)) === 0) from++;
  while (from < to && ((a.words[to - 1 - a.base] as number) & (b.words[to - 1 - b.base] as number)) === 0) to--;
  if (from >= to) return none;
  const both = zeros(to - from);
  for (let i = from; i < to; i++) both[i - from] = (a.words[i - a.base] as number) & (b.words[i - b.base] as number);
  return { base: from, words: both };
}

export function without(a: Bits, b: Bits): Bits {
  const rest = copyOf(a);
  const from = Math.max(a.base, b.base);
  const to = Math.min(a.base + a.words.length, b.base + b.words.length);
  for (let i = from; i < to; i++) rest.words[i - a.base] = (rest.words[i - a.base] as number) & ~(b.words[i - b.base] as number);
  return rest;
}

export function isEmpty({ words }: Bits): boolean {
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
}

export function isWithin(a: Bits, b: Bits): boolean {
  const shift = a.base - b.base;
  for (let i = 0; i < a.words.length; i++) {
    const word = a.words[i] as number;
    if (word === 0) continue;
    const at = i + shift;
    if (at < 0 || at >= b.words.length || (word & ~(b.words[at] as number)) !== 0) return false;
  }
  return true;
}

/** The least member; -1 where there is none. */
export function firstOf({ base, words }: Bits): number {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    if (word !== 0) return (base + i) * 32 + (31 - Math.clz32(word & -word));
  }
  return -1;
}

export function forEachBit({ base, words }: Bits, see: (member: number) => void): void {
  for (let i = 0; i < words.length; i++) {
    for (let word = words[i] as number; word !== 0; word &= word - 1) see((base + i) * 32 + (31 - Math.clz32(word & -word)));
  }
}

/** Whether all members have one value in a list by number. */
export function allHave({ base, words }: Bits, value: number, list: readonly number[]): boolean {
  for (let i = 0; i < words.length; i++)
    for (let word = words[i] as number; word !== 0; word &= word - 1)
      if (list[(base + i) * 32 + (31 - Math.clz32(word & -word))] !== value) return false;
  return true;
}

export function hasBit({ base, words }: Bits, member: number): boolean {
  const at = (member >>> 5) - base;
  return at >= 0 && at < words.length && (((words[at] as number) >>> (member & 31)) & 1) === 1;
}

export function countOf({ words }: Bits): number {
  let count = 0;
  for (let i = 0; i < words.length; i++) for (let word = words[i] as number; word !== 0; word &= word - 1) count++;
  return count;
}

export function membersOf(bits: Bits): number[] {
  const { base, words } = bits;
  const all = new Array<number>(countOf(bits));
  let count = 0;
  for (let i = 0; i < words.length; i++)
    for (let word = words[i] as number; word !== 0; word &= word - 1) all[count++] = (base + i) * 32 + (31 - Math.clz32(word & -word));
  return all;
}

export function sameBits(a: Bits, b: Bits): boolean {
  return a === b || (isWithin(a, b) && isWithin(b, a));
}

/** Equal for equal sets, wherever their words begin. */
export function hashOf({ base, words }: Bits): number {
  let hash = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    if (word !== 0) hash = (Math.imul(hash ^ word, 0x9e3779b1) + Math.imul(base + i + 1, 0x85ebca6b)) | 0;
  }
  return hash;
}
