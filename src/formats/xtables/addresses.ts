import { type Address, type Family, formatAddress, type Prefix } from '#facts/address.ts';

export function addressAt(view: DataView, offset: number, family: Family): Address {
  return { family, words: wordsAt(view, offset, family) };
}

/** An address and a mask, each in network order; bits of the address outside the mask are cleared. */
export function prefixAt(view: DataView, offset: number, maskOffset: number, family: Family): Prefix {
  const mask = wordsAt(view, maskOffset, family);
  const words = wordsAt(view, offset, family).map((word, i) => (word & (mask[i] as number)) >>> 0);
  return { family, words, mask, bits: bitsOf(mask) };
}

function wordsAt(view: DataView, offset: number, family: Family): number[] {
  if (family === 'ip') return [view.getUint32(offset, false)];
  return [0, 4, 8, 12].map((word) => view.getUint32(offset + word, false));
}

/** Leading ones of a mask; null where a one follows a zero. */
export function bitsOf(mask: readonly number[]): number | null {
  let bits = 0;
  for (let i = 0; i < mask.length; i++) {
    const ones = Math.clz32(~(mask[i] as number));
    if (((mask[i] as number) << ones) >>> 0 !== 0 && ones < 32) return null;
    if (bits !== i * 32 && ones > 0) return null;
    bits += ones;
  }
  return bits;
}

/** `a.b.c.d/24`, or `/255.0.255.0`; whole addresses without a mask, as the matches print them (xtables_ipmask_to_numeric). */
export function maskedText(address: Address, mask: Address): string {
  const bits = bitsOf(mask.words);
  if (bits === mask.words.length * 32) return formatAddress(address);
  return `${formatAddress(address)}/${bits ?? formatAddress(mask)}`;
}
