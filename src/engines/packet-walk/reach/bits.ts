/** A set of small numbers, 32 to a word. Sets of one universe may have different lengths: words that are not there are zero. */
export type Bits = Uint32Array;

export function bitsOf(members: Iterable<number>): Bits {
  let bits: Bits = new Uint32Array(4);
  for (const member of members) bits = withBit(bits, member);
  return bits;
}

/** Sets one bit in place; where the set is too short, in a longer copy. */
export function withBit(bits: Bits, member: number): Bits {
  const word = member >>> 5;
  let own = bits;
  if (word >= own.length) {
    own = new Uint32Array(Math.max(word + 1, own.length * 2));
    own.set(bits);
  }
  own[word] = (own[word] as number) | (1 << (member & 31));
  return own;
}

export function hasBit(bits: Bits, member: number): boolean {
  return (((bits[member >>> 5] ?? 0) >>> (member & 31)) & 1) === 1;
}

export function and(a: Bits, b: Bits): Bits {
  const length = Math.min(a.length, b.length);
  const both = new Uint32Array(length);
  for (let i = 0; i < length; i++) both[i] = (a[i] as number) & (b[i] as number);
  return both;
}

export function or(a: Bits, b: Bits): Bits {
  const [long, short] = a.length < b.length ? [b, a] : [a, b];
  const either = long.slice();
  for (let i = 0; i < short.length; i++) either[i] = (either[i] as number) | (short[i] as number);
  return either;
}

export function without(a: Bits, b: Bits): Bits {
  const rest = a.slice();
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) rest[i] = (rest[i] as number) & ~(b[i] as number);
  return rest;
}

export function isEmpty(bits: Bits): boolean {
  for (const word of bits) if (word !== 0) return false;
  return true;
}

export function isWithin(a: Bits, b: Bits): boolean {
  for (let i = 0; i < a.length; i++) if (((a[i] as number) & ~(b[i] ?? 0)) !== 0) return false;
  return true;
}

/** The least member; -1 where there is none. */
export function firstOf(bits: Bits): number {
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i] as number;
    if (word !== 0) return i * 32 + (31 - Math.clz32(word & -word));
  }
  return -1;
}

export function forEachBit(bits: Bits, see: (member: number) => void): void {
  for (let i = 0; i < bits.length; i++) {
    for (let word = bits[i] as number; word !== 0; word &= word - 1) see(i * 32 + (31 - Math.clz32(word & -word)));
  }
}

export function countOf(bits: Bits): number {
  let count = 0;
  for (let word of bits) for (; word !== 0; word &= word - 1) count++;
  return count;
}

export function sameBits(a: Bits, b: Bits): boolean {
  return isWithin(a, b) && isWithin(b, a);
}

/** Equal for equal sets, whatever their lengths. */
export function hashOf(bits: Bits): number {
  let hash = 0;
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i] as number;
    if (word !== 0) hash = (Math.imul(hash ^ word, 0x9e3779b1) + Math.imul(i + 1, 0x85ebca6b)) | 0;
  }
  return hash;
}
