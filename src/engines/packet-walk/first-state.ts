import type { Probe } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { TrackState } from './flow.ts';

const flag = { fin: 1, syn: 2, rst: 4, ack: 16, all: 0x17 } as const;
/** ICMP types that can begin a flow: echo, timestamp, information and address mask requests (nf_conntrack_proto_icmp.c). */
const icmpRequests: ReadonlySet<number> = new Set([8, 13, 15, 17]);
/** Echo and node information requests (nf_conntrack_proto_icmpv6.c). */
const icmp6Requests: ReadonlySet<number> = new Set([128, 139]);
/** Multicast listener and neighbour discovery, which conntrack leaves alone. */
const icmp6Untracked: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143]);

/**
 * What conntrack makes of a packet that belongs to no known connection. The state of the probe holds, but NEW only for a packet that can
 * begin a flow: others are INVALID.
 */
export function firstState(probe: Probe, snapshot: Snapshot): TrackState {
  if (probe.state !== 'NEW') return probe.state;
  if (probe.protocol === 6) return beginsTcp(probe.tcpFlags ?? flag.syn, snapshot) ? 'NEW' : 'INVALID';
  if (probe.icmp === null) return 'NEW';
  if (probe.protocol === 58 && icmp6Untracked.has(probe.icmp.type)) return 'UNTRACKED';
  return (probe.protocol === 58 ? icmp6Requests : icmpRequests).has(probe.icmp.type) ? 'NEW' : 'INVALID';
}

/** A SYN, or a bare ACK while nf_conntrack_tcp_loose is on, as it is by default (tcp_new in nf_conntrack_proto_tcp.c). */
function beginsTcp(flags: number, snapshot: Snapshot): boolean {
  const kind = flags & flag.all;
  if (kind === flag.ack) return snapshot.sysctls.get('net.netfilter.nf_conntrack_tcp_loose')?.value.trim() !== '0';
  return kind === flag.syn;
}
