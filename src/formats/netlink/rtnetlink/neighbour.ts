import { formatAddress } from '#facts/address.ts';
import type { Neighbour } from '#facts/network.ts';
import { addressOfBytes, familyOfNumber, hardwareAddress } from './address.ts';
import { type InterfaceNames, nameOf, type RouteMessage, type Unreadable } from './each-message.ts';

/** RTM_NEWNEIGH with struct ndmsg. */
export const neighbourShape = { type: 28, header: 12 } as const;

/** NDA_... (include/uapi/linux/neighbour.h). */
const attribute = { destination: 1, hardware: 2 } as const;
const states: readonly (readonly [number, string])[] = [
  [0x01, 'INCOMPLETE'],
  [0x02, 'REACHABLE'],
  [0x04, 'STALE'],
  [0x08, 'DELAY'],
  [0x10, 'PROBE'],
  [0x20, 'FAILED'],
  [0x40, 'NOARP'],
  [0x80, 'PERMANENT'],
];
const withoutResolution = 0x40;
/** NTF_PROXY and NTF_EXT_LEARNED. */
const shownAlways = 0x08 | 0x10;

/** Forwarding entries of bridges are of another family. What needs no resolution (multicast, NOARP) is left out, as `ip neigh` does. */
export function readNeighbourMessage({ header, attributes, at }: RouteMessage, names: InterfaceNames): Neighbour | Unreadable | null {
  const family = familyOfNumber(header.getUint8(0));
  const state = header.getUint16(8, true);
  if (family === null || ((state & ~withoutResolution) === 0 && (header.getUint8(10) & shownAlways) === 0)) return null;
  const address = addressOfBytes(attributes.get(attribute.destination), family);
  const name = nameOf(header.getInt32(4, true), names);
  if (address === null || name === null) return { unreadable: 'an address of a neighbour and its interface' };
  const hardware = attributes.get(attribute.hardware);
  const mac = hardware === undefined ? null : hardwareAddress(hardware);
  const words = states.filter(([bit]) => (state & bit) !== 0).map(([, word]) => word);
  const text = `${formatAddress(address)} dev ${name}${mac === null ? '' : ` lladdr ${mac}`} ${words.join(',')}`;
  return { address, interface: name, mac, state: words, at, text };
}
