import { hasTransportHeader, type Packet, type TrackState } from '../packet.ts';

const flag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, all: 0x17 } as const;
/** ICMP types that can begin a flow: echo, timestamp, information and address mask requests (nf_conntrack_proto_icmp.c). */
const icmpRequests: ReadonlySet<number> = new Set([8, 13, 15, 17]);
/** Echo and node information requests (nf_conntrack_proto_icmpv6.c). */
const icmp6Requests: ReadonlySet<number> = new Set([128, 139]);
/** Multicast listener and neighbour discovery, which conntrack leaves alone. */
const icmp6Untracked: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143]);

/** Without these bytes conntrack finds no header: UDP, SCTP, ICMP, ICMPv6, UDP-Lite. TCP has its own check. */
const headerBytes: Readonly<Record<number, number>> = { 1: 8, 17: 8, 58: 8, 132: 12, 136: 8 };

/**
 * What conntrack makes of a packet that belongs to no known connection: NEW only where it can begin a flow, else INVALID. `isLoose`: nf_conntrack_tcp_loose.
 */
export function firstState(packet: Packet, isLoose: boolean): TrackState {
  const { protocol, icmp } = packet;
  if (protocol === 6) return beginsTcp(packet, isLoose) ? 'NEW' : 'INVALID';
  if (!hasTransportHeader(packet, headerBytes[protocol] ?? 0)) return 'INVALID';
  if (icmp === null) return 'NEW';
  if (protocol === 58 && icmp6Untracked.has(icmp.type)) return 'UNTRACKED';
  return (protocol === 58 ? icmp6Requests : icmpRequests).has(icmp.type) ? 'NEW' : 'INVALID';
}

/** Flag combinations of tcp_valid_flags in nf_conntrack_proto_tcp.c, PSH left out. */
const validFlags: ReadonlySet<number> = new Set([
  flag.syn,
  flag.syn | flag.urg,
  flag.syn | flag.ack,
  flag.rst,
  flag.rst | flag.ack,
  flag.fin | flag.ack,
  flag.fin | flag.ack | flag.urg,
  flag.ack,
  flag.ack | flag.urg,
]);

/** A SYN, or a bare ACK while nf_conntrack_tcp_loose is on, as it is by default (tcp_new in nf_conntrack_proto_tcp.c). */
function beginsTcp(packet: Packet, isLoose: boolean): boolean {
  if (!hasTransportHeader(packet, 20)) return false;
  const flags = packet.tcpFlags & 0x3f & ~flag.psh;
  if (!validFlags.has(flags)) return false;
  const kind = flags & flag.all;
  if (kind === flag.ack) return isLoose;
  return kind === flag.syn;
}
