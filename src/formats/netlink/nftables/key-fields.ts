/**
 * Bytes of nft's data types by their number, which userspace stores in NFTA_SET_KEY_TYPE (enum datatypes of nft; the kernel does not look
 * at it). 0 where the size depends on what is compared (integer, bitmask, string).
 */
const sizes = [
  0, 0, 1, 0, 0, 0, 6, 4, 16, 6, 2, 2, 1, 2, 1, 1, 1, 1, 8, 4, 4, 2, 4, 4, 4, 4, 4, 1, 4, 1, 16, 1, 1, 1, 1, 4, 1, 1, 4, 1, 4, 16, 1, 8, 4,
  1, 8,
];
const bitsOfType = 6;

/** Fields of a key whose type is a concatenation, six bits a type, the last field in the lowest bits. Null where their sizes do not fit. */
export function fieldsOfType(type: number, length: number): readonly number[] | null {
  const found: number[] = [];
  for (let rest = type; rest !== 0; rest >>>= bitsOfType) {
    const size = sizes[rest & ((1 << bitsOfType) - 1)] ?? 0;
    if (size === 0) return null;
    found.unshift(size);
  }
  if (found.length === 1) return found[0] === length ? found : null;
  return found.length > 1 && found.reduce((sum, size) => sum + padded(size), 0) === length ? found : null;
}

export function padded(size: number): number {
  return (size + 3) & ~3;
}
