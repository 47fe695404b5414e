import type { Address } from '#facts/address.ts';
import { readAttributes } from '../attributes.ts';
import { addressOfBytes } from '../rtnetlink/address.ts';

export function be16(value: Uint8Array | undefined): number | null {
  return value === undefined || value.length !== 2 ? null : ((value[0] as number) << 8) | (value[1] as number);
}

/** IPSET_ATTR_IPADDR_IPV4 and _IPV6. */
export function ipAddress(value: Uint8Array | undefined): Address | null {
  const inside = value === undefined ? null : readAttributes(value);
  return inside === null ? null : (addressOfBytes(inside.get(1), 'ip') ?? addressOfBytes(inside.get(2), 'ip6'));
}
