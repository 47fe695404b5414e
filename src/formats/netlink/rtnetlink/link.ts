import type { Link } from '#facts/network.ts';
import { le32, readAttributes, textOfAttribute } from '../attributes.ts';
import { hardwareAddress } from './address.ts';
import { type InterfaceNames, nameOf, type RouteMessage, type Unreadable } from './each-message.ts';

/** RTM_NEWLINK with struct ifinfomsg. */
export const linkShape = { type: 16, header: 16 } as const;

/** IFLA_... (include/uapi/linux/if_link.h). */
const attribute = { address: 1, name: 3, mtu: 4, master: 10, info: 18, xdp: 43 } as const;
const infoKind = 1;
const xdpAttached = 2;
/** IFF_... (include/uapi/linux/if.h). */
const flag = { up: 0x1, loopback: 0x8, lowerUp: 0x10000 } as const;
const ethernet = 1;

export function readLinkMessage({ header, attributes, at }: RouteMessage, names: InterfaceNames): Link | Unreadable {
  const name = textOfAttribute(attributes.get(attribute.name));
  const mtu = le32(attributes.get(attribute.mtu));
  if (name === null || mtu === null) return { unreadable: 'an interface with a name and an MTU' };
  const index = header.getInt32(4, true);
  const flags = header.getUint32(8, true);
  const kind = textOfAttribute(nested(attributes.get(attribute.info))?.get(infoKind));
  const master = nameOf(le32(attributes.get(attribute.master)), names);
  const address = attributes.get(attribute.address);
  const up = (flags & flag.up) !== 0;
  return {
    index,
    name,
    mtu,
    up,
    carrier: (flags & flag.lowerUp) !== 0,
    loopback: (flags & flag.loopback) !== 0,
    kind,
    master,
    mac: header.getUint16(2, true) === ethernet && address !== undefined ? hardwareAddress(address) : null,
    ...((nested(attributes.get(attribute.xdp))?.get(xdpAttached)?.[0] ?? 0) !== 0 && { xdp: true }),
    at,
    text: `${index}: ${name} mtu ${mtu}${master === null ? '' : ` master ${master}`} state ${up ? 'UP' : 'DOWN'}${kind === null ? '' : ` ${kind}`}`,
  };
}

function nested(value: Uint8Array | undefined): ReturnType<typeof readAttributes> {
  return value === undefined ? null : readAttributes(value);
}
