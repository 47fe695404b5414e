/** Numbers of a packet are read most significant byte first; words of the register file hold their first byte lowest. */
export function swap32(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

export function swap16(half: number): number {
  return ((half & 0xff) << 8) | ((half >>> 8) & 0xff);
}

/** Bytes as words of the register file, filled up with zeros. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array((bytes.length + 3) >> 2);
  for (const [i, byte] of bytes.entries()) words[i >> 2] = ((words[i >> 2] as number) | (byte << ((i & 3) * 8))) >>> 0;
  return words;
}

/** Which bits of word `i` belong to a value of `length` bytes. */
export function wordMask(length: number, i: number): number {
  const bytes = length - i * 4;
  if (bytes >= 4) return 0xffffffff;
  return bytes <= 0 ? 0 : 0xffffffff >>> (32 - bytes * 8);
}

/** The first `length` bytes, four at most, as one number with the first byte highest: memcmp's order. */
export function networkNumber(bytes: Uint8Array, length = bytes.length): number {
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

/** A number of the host's byte order, stored in `length` bytes, as a word of the register file; and back. */
export function hostWord(value: number, length: number, littleEndian: boolean): number {
  if (littleEndian || length === 1) return value >>> 0;
  return length === 2 ? swap16(value) : swap32(value);
}
