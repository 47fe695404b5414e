import { formatAddress, sameAddress } from '#facts/address.ts';
import type { InterfaceAddress } from '#facts/network.ts';
import { addressOfBytes, familyOfNumber } from './address.ts';
import { type InterfaceNames, nameOf, type RouteMessage, type Unreadable } from './each-message.ts';
import { scopeName } from './names.ts';

/** RTM_NEWADDR with struct ifaddrmsg. */
export const addressShape = { type: 20, header: 8 } as const;

/** IFA_... (include/uapi/linux/if_addr.h). */
const attribute = { address: 1, local: 2, broadcast: 4 } as const;

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
    at,
    text: `${formatAddress(address)}/${bits} scope ${scope} dev ${name}`,
  };
}
