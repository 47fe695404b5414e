import { type Address, type Family, maskOf, type Prefix } from '#facts/address.ts';

/** AF_INET and AF_INET6; null for others. */
export function familyOfNumber(number: number): Family | null {
  return number === 2 ? 'ip' : number === 10 ? 'ip6' : null;
}

/** An address in network order. Null for another length than the family's. */
export function addressOfBytes(bytes: Uint8Array | undefined, family: Family): Address | null {
  if (bytes === undefined || bytes.length !== (family === 'ip' ? 4 : 16)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { family, words: Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(index * 4, false)) };
}

/** Without bytes the block of all addresses, as the kernel leaves 0.0.0.0/0 out. */
export function prefixOfBytes(bytes: Uint8Array | undefined, bits: number, family: Family): Prefix | null {
  const width = family === 'ip' ? 32 : 128;
  const address = bytes === undefined ? { words: maskOf(family, 0) } : addressOfBytes(bytes, family);
  if (address === null || bits > width) return null;
  const mask = maskOf(family, bits);
  return { family, words: address.words.map((word, index) => (word & (mask[index] as number)) >>> 0), mask, bits };
}

/** A hardware address as `ip` writes it: of tunnels, it is the address of their end. */
export function hardwareAddress(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
