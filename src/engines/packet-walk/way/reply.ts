import type { Machine } from '../machine.ts';
import { field } from '../op.ts';
import { type Connection, defaultZone, type End, hasConnection, type Packet } from '../packet.ts';
import type { Next } from './stage.ts';

const tcp = 6;
const sctp = 132;
/** Answers to ICMP requests by family and type: echo, timestamp, information, address mask; node information. */
const icmpReplies: Readonly<Record<'ip' | 'ip6', ReadonlyMap<number, number>>> = {
  ip: new Map([
    [8, 0],
    [13, 14],
    [15, 16],
    [17, 18],
  ]),
  ip6: new Map([
    [128, 129],
    [139, 140],
  ]),
};

/**
 * What the receiver sends back. Its own namespace is not looked at: it is taken to answer. Where the request was not tracked, conntrack sees its
 * reply as the first packet of another flow. Null: a receiver sends no answer to such a packet, or none that we know.
 */
export function beginReply(machine: Machine, leftBy: string): Next {
  const request = machine.packet;
  if (request.badChecksum || tcpAnswer(request) === null) return null;
  const icmp = request.icmp === null ? null : replyType(request);
  if (icmp === undefined) return null;
  machine.packet = replyTo(request, icmp, leftBy);
  return leftBy === 'local' ? 'output' : 'arrival';
}

function replyType({ icmp, family }: Packet): Packet['icmp'] | undefined {
  const type = icmpReplies[family].get(icmp?.type ?? -1);
  if (type === undefined) return undefined;
  // An echo is answered with its own code (icmp_echo in net/ipv4/icmp.c, icmpv6_echo_reply), others with 0.
  return { type, code: type === 0 || type === 129 ? (icmp?.code ?? 0) : 0 };
}

/** SYN-ACK to a SYN, ACK to what acknowledges; nothing certain to a RST or to other flags: null. */
function tcpAnswer({ protocol, tcpFlags }: Packet): number | null {
  if (protocol !== tcp) return 0;
  const flags = tcpFlags & 0x17;
  return flags === 0x02 ? 0x12 : (flags & 0x14) === 0x10 ? 0x10 : null;
}

function replyTo(request: Packet, icmp: Packet['icmp'], leftBy: string): Packet {
  const { source, destination } = request;
  const tracked = hasConnection(request);
  const local = leftBy === 'local';
  return {
    ...request,
    leg: 'reply',
    direction: tracked ? 'REPLY' : 'ORIGINAL',
    icmp,
    tcpFlags: tcpAnswer(request) ?? 0,
    fragmentOffset: 0,
    moreFragments: false,
    badChecksum: false,
    source: destination,
    destination: source,
    inInterface: local ? '' : leftBy,
    outInterface: '',
    inPort: '',
    outPort: '',
    mark: 0,
    // The node's own stack answers an echo with its type of service and length (icmp_reply, icmpv6_echo_reply).
    tos: local && icmp !== null ? request.tos : 0,
    ttl: 64,
    // Other receivers write what they like, and the node's own hop limit is a setting of a route or a socket.
    untold: local && icmp !== null ? request.untold | field.ttl : field.tos | field.ttl,
    length: local && icmp !== null ? request.length : null,
    macSource: null,
    macDestination: null,
    packetType: 'host',
    fromSocket: local,
    tracked: 'INVALID',
    connection: tracked ? request.connection : newConnection(destination, source, 0),
    zone: defaultZone,
    isTemplated: false,
    isPastTracking: false,
    priority: 0,
  };
}

export function newConnection(source: End, destination: End, mark: number | null): Connection {
  const ends = { source, destination };
  return { original: ends, translated: ends, destinationBound: false, sourceBound: false, mark, zone: defaultZone };
}

/**
 * A SYN-ACK, an INIT ACK or an echo reply cannot begin a flow (nf_conntrack_proto_tcp.c, _sctp.c, _icmp.c); any other packet can. A reply that comes
 * in another zone than its connection's does not belong to it (nf_ct_key_equal).
 */
export function replyState(packet: Packet): Packet['tracked'] {
  if (packet.direction === 'REPLY' && packet.zone.reply === packet.connection.zone.reply) return 'ESTABLISHED';
  if (packet.protocol === tcp || packet.protocol === sctp || packet.icmp !== null) return 'INVALID';
  if (packet.direction === 'REPLY') {
    packet.direction = 'ORIGINAL';
    packet.connection = { ...newConnection(packet.source, packet.destination, 0), zone: packet.zone };
  }
  return 'NEW';
}
