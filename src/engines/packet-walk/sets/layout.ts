import type { Family } from '#facts/address.ts';
import type { Part, SetType } from './set-type.ts';

/** How the parts of a member stand in a tuple of words. */
export interface Layout {
  readonly type: SetType;
  readonly family: Family;
  /** Words of an address. */
  readonly addressWords: 1 | 4;
  /** Where each part begins. */
  readonly offsets: readonly number[];
  /** Offsets of the nets among them, at most two: an address and behind it the prefix length. */
  readonly nets: readonly number[];
  readonly width: number;
}

export function layoutOf(type: SetType, family: Family): Layout {
  const addressWords = family === 'ip' ? 1 : 4;
  const words = (part: Part): number => {
    if (part === 'ip') return addressWords;
    if (part === 'net') return addressWords + 1;
    if (part === 'mac') return 2;
    // Interfaces and learned MACs are compared once the rest was found.
    return part === 'iface' || part === 'learned-mac' ? 0 : 1;
  };
  let width = 0;
  const offsets = type.parts.map((part) => {
    const offset = width;
    width += words(part);
    return offset;
  });
  const nets = offsets.filter((_, i) => type.parts[i] === 'net');
  return { type, family, addressWords, offsets, nets, width };
}
