import type { BridgeEntry } from '#facts/network.ts';
import { le32 } from '../attributes.ts';
import { hardwareAddress } from './address.ts';
import { type InterfaceNames, nameOf, type RouteMessage, type Unreadable } from './each-message.ts';

const bridgeFamily = 7;
/** NDA_LLADDR, NDA_VLAN and NDA_MASTER (include/uapi/linux/neighbour.h). */
const attribute = { hardware: 2, vlan: 5, master: 9 } as const;
/** NUD_PERMANENT: an address of the bridge or of a port (fdb_fill_info, net/bridge/br_fdb.c). */
const permanent = 0x80;

/** Entries without a bridge are filters of a device itself, and forward nothing. */
export function readBridgeEntryMessage({ header, attributes, at }: RouteMessage, names: InterfaceNames): BridgeEntry | Unreadable | null {
  const bridge = nameOf(le32(attributes.get(attribute.master)), names);
  if (header.getUint8(0) !== bridgeFamily || bridge === null) return null;
  const hardware = attributes.get(attribute.hardware);
  const port = nameOf(header.getInt32(4, true), names);
  if (hardware === undefined || port === null) return { unreadable: 'a hardware address behind a port of a bridge' };
  const mac = hardwareAddress(hardware);
  const local = (header.getUint16(8, true) & permanent) !== 0;
  const vlan = attributes.get(attribute.vlan);
  const text = `${mac} dev ${port} master ${bridge}${local ? ' permanent' : ''}`;
  return { bridge, port, mac, local, vlan: vlan === undefined ? null : (vlan[0] as number) | ((vlan[1] ?? 0) << 8), at, text };
}
