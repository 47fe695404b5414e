import type { Address, Family } from '#facts/address.ts';
import type { Probe } from '#facts/packet-walk.ts';
import { field } from './op.ts';

export type TrackState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** One end of a conntrack tuple. Port null: a protocol without ports, or one that the kernel chooses. */
export interface End {
  readonly address: Address;
  readonly port: number | null;
}

/** What conntrack knows of the flow: the original tuple, the rewritten one, and the connection's mark. */
export interface Connection {
  readonly original: { readonly source: End; readonly destination: End };
  /** After DNAT and SNAT: where replies come from and go to. */
  readonly translated: { readonly source: End; readonly destination: End };
  readonly destinationBound: boolean;
  readonly sourceBound: boolean;
  /** Null: not known, of a connection older than the snapshot or one that a redirect may have marked. */
  readonly mark: number | null;
  readonly zone: Zone;
}

/** Conntrack zones by direction of the flow; 0 is the default. */
export interface Zone {
  readonly original: number;
  readonly reply: number;
}
export const defaultZone: Zone = { original: 0, reply: 0 };

/** The packet as it is at this point of its way. Rules change it; `copyPacket` takes it aside. Values inside are never changed in place. */
export interface Packet {
  readonly family: Family;
  leg: 'request' | 'reply';
  /** Of the flow as conntrack sees it: the reply to a packet that was not tracked is the first packet of a flow of its own. */
  direction: 'ORIGINAL' | 'REPLY';
  readonly protocol: number;
  icmp: Probe['icmp'];
  /** Bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. */
  tcpFlags: number;
  source: End;
  destination: End;
  /** '' where there is none: in of what the node sends, out of what it receives. */
  inInterface: string;
  outInterface: string;
  /** Ports of the bridge that `inInterface` and `outInterface` are, for frames that br_netfilter shows to the IP hooks; '' otherwise. */
  inPort: string;
  outPort: string;
  mark: number;
  /** Type of service or traffic class, 8 bits. */
  tos: number;
  ttl: number;
  /** Bits of `field`, tos and ttl: what nobody tells of it. Of a reply, whose receiver writes what it likes, until a rule sets it. */
  untold: number;
  /** Bytes of the IP packet; null: not known. */
  length: number | null;
  /** Bytes; offset 0 and more false is no fragment. */
  readonly fragmentOffset: number;
  readonly moreFragments: boolean;
  readonly badChecksum: boolean;
  /** Source and destination of the frame; null: not known. */
  macSource: string | null;
  macDestination: string | null;
  packetType: 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'loopback' | 'unknown';
  /** A process of the node sent it by a socket: `owner` matches only then. */
  fromSocket: boolean;
  /** Before conntrack's hook a packet has no connection, which matches read as INVALID (conntrack_mt in xt_conntrack.c). */
  tracked: TrackState;
  connection: Connection;
  /** The zone that conntrack is to look in, where a rule before it named one. */
  zone: Zone;
  /** A rule has attached a template (CT with a zone or helper): until conntrack's hook it reads as a NEW connection, and NOTRACK is too late. */
  isTemplated: boolean;
  /** Conntrack's hook is behind it. */
  isPastTracking: boolean;
  /** skb->priority; null: not known. */
  priority: number | null;
}

export const unknownMark = 'the mark of a connection that is older than the snapshot, or that a redirect of the node may have marked';

/** Conntrack has looked at the packet and found or made a connection. */
export function hasConnection({ tracked }: Pick<Packet, 'tracked'>): boolean {
  return tracked !== 'INVALID' && tracked !== 'UNTRACKED';
}

/** The type of service; null: nobody tells it. */
export function tosOf({ tos, untold }: Pick<Packet, 'tos' | 'untold'>): number | null {
  return (untold & field.tos) === 0 ? tos : null;
}

export function copyPacket(packet: Packet): Packet {
  return { ...packet };
}

export function isFragmentOf6({ family, fragmentOffset, moreFragments }: Packet): boolean {
  return family === 'ip6' && (fragmentOffset > 0 || moreFragments);
}

/** ICMP in IPv6 and ICMPv6 in IPv4: nobody sends it, and rules may or may not take it. */
export function isIcmpOfOtherFamily({ family, protocol }: Packet): boolean {
  return protocol === (family === 'ip' ? 58 : 1);
}

/** Bytes behind the IP header; null: not known, taken as enough. */
export function transportLength({ length, family }: Packet): number | null {
  return length === null ? null : length - (family === 'ip' ? 20 : 40);
}

/** Second and further fragments carry no transport header. */
export function hasTransportHeader(packet: Packet, bytes: number): boolean {
  if (packet.fragmentOffset > 0) return false;
  const length = transportLength(packet);
  return length === null || length >= bytes;
}
