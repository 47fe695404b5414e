import { formatAddress, sameAddress } from '#facts/address.ts';
import type { InterfaceAddress } from '#facts/network.ts';
import { le32 } from '../attributes.ts';
import { addressOfBytes, familyOfNumber } from './address.ts';
import { type InterfaceNames, nameOf, type RouteMessage, type Unreadable } from './each-message.ts';
import { scopeName } from './names.ts';

/** RTM_NEWADDR with struct ifaddrmsg. */
export const addressShape = { type: 20, header: 8 } as const;

/** IFA_... (include/uapi/linux/if_addr.h). */
const attribute = { address: 1, local: 2, broadcast: 4, flags: 8 } as const;
/** IFA_F_... of IPv6. */
const flagNames: readonly (readonly [number, string])[] = [
  [0x01, 'temporary'],
  [0x04, 'optimistic'],
  [0x20, 'deprecated'],
  [0x40, 'tentative'],
];

/** Where the two differ, IFA_LOCAL is the node's own address and IFA_ADDRESS the other end's. */
export function readAddressMessage({ header, attributes, at }: RouteMessage, names: InterfaceNames): InterfaceAddress | Unreadable | null {
  const family = familyOfNumber(header.getUint8(0));
  if (family === null) return null;
  const far = addressOfBytes(attributes.get(attribute.address), family);
  const address = addressOfBytes(attributes.get(attribute.local), family) ?? far;
  const name = nameOf(header.getUint32(4, true), names);
  if (address === null || name === null) return { unreadable: 'an address of an interface' };
  const bits = header.getUint8(1);
  const scope = scopeName(header.getUint8(3));
  return {
    interface: name,
    address,
    bits,
    scope,
    broadcast: addressOfBytes(attributes.get(attribute.broadcast), family),
    peer: far === null || sameAddress(far, address) ? null : far,
    ...(family === 'ip6' && flagsOf(le32(attributes.get(attribute.flags)) ?? header.getUint8(2))),
    at,
    text: `${formatAddress(address)}/${bits} scope ${scope} dev ${name}`,
  };
}

function flagsOf(bits: number): Pick<InterfaceAddress, 'flags'> {
  const flags = flagNames.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
  return flags.length === 0 ? {} : { flags };
}
