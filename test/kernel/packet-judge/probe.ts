import type { Probe } from '#facts/packet-walk.ts';
import { requestOf } from './experiment.ts';
import { fragmentOffset } from './fate.ts';
import type { ScenePacket } from './scene.ts';
import { encode, encodeFragments, hasPorts, mustParse } from './wire/encode.ts';

/** The question to the walk that a packet of a scene stands for. */
export function probeOf(packet: ScenePacket): Probe {
  const { origin, from, to, protocol, fromPort, toPort, tcpFlags, icmp, badChecksum, ttl, fragment, established } = packet;
  const withPorts = hasPorts(protocol);
  return {
    from: mustParse(from),
    to: mustParse(to),
    protocol,
    fromPort: withPorts ? fromPort : null,
    toPort: withPorts ? toPort : null,
    inInterface: origin === 'host' ? null : origin,
    icmp,
    tcpFlags: protocol === 6 ? tcpFlags : null,
    state: established ? 'ESTABLISHED' : 'NEW',
    mark: packet.mark ?? 0,
    length: lengthOf(packet),
    ttl: ttl ?? 64,
    badChecksum: badChecksum ?? false,
    fragment: fragment === undefined ? null : { offset: fragmentOffset(packet), more: fragment === 'first' },
    ...(packet.toMac !== undefined && { toMac: packet.toMac }),
  };
}

function lengthOf(packet: ScenePacket): number {
  const wire = requestOf(packet, { id: 1, traced: false });
  if (packet.established) return encode({ ...wire, padding: 4 }).length;
  if (packet.fragment === undefined) return encode(wire).length;
  const [first, later] = encodeFragments(wire, packet.fragment === 'tiny' ? 8 : 24);
  return packet.fragment === 'first' ? first.length : later.length;
}
