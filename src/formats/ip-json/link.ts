import type { Place } from '#facts/evidence.ts';
import type { Link } from '#facts/network.ts';
import { type JsonObject, numberOf, objectOf, textOf, textsOf } from '../json-fields.ts';
import { type Unreadable, unreadable } from './each-object.ts';

export function readLink(object: JsonObject, at: Place): Link | Unreadable {
  const index = numberOf(object['ifindex']);
  const name = textOf(object['ifname']);
  const mtu = numberOf(object['mtu']);
  if (index === null || name === null || mtu === null) return unreadable('an interface with ifindex, ifname and mtu');
  const flags = textsOf(object['flags']);
  return {
    index,
    name,
    mtu,
    up: flags.includes('UP'),
    carrier: flags.includes('LOWER_UP'),
    loopback: flags.includes('LOOPBACK'),
    kind: textOf(objectOf(object['linkinfo'])['info_kind']),
    master: textOf(object['master']),
    mac: object['link_type'] === 'ether' ? textOf(object['address']) : null,
    ...(object['xdp'] !== undefined && { xdp: true }),
    at,
  };
}
