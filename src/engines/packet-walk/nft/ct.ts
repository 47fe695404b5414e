import { sameAddress } from '#facts/address.ts';
import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { field } from '../op.ts';
import { type End, hasConnection, type Packet, type TrackState, unknownMark } from '../packet.ts';
import { hostWord, swap16, swap32 } from './bytes.ts';
import type { NftContext } from './context.ts';
import { broken, type Load, notKnown, type Scalar } from './load.ts';
import type { Registers } from './registers.ts';

type Ct = Extract<NftExpression, { readonly kind: 'ct' }>;

/** NF_CT_STATE_BIT and its neighbours in include/uapi/linux/netfilter/nf_conntrack_common.h. */
const stateBits: Readonly<Record<TrackState, number>> = { INVALID: 1, ESTABLISHED: 2, RELATED: 4, NEW: 8, UNTRACKED: 64 };
const reads = field.tracking | field.tuple | field.connectionMark;

/** nft_ct_get_eval in net/netfilter/nft_ct.c: without a connection there is a state, and the load of anything else fails. */
export function ctLoad(expression: Ct, context: NftContext): Load {
  const { key, to } = expression;
  const common = { to, reads, markReads: 0, asks: false };
  const { littleEndian } = context;
  if (key === 'state') {
    // A template of CT or `ct zone set` reads as a NEW connection until conntrack's hook.
    const read = ({ packet }: Machine): number => stateBits[packet.isTemplated ? 'NEW' : packet.tracked];
    const load = (machine: Machine, registers: Registers): true => {
      registers.set(to, hostWord(read(machine), 4, littleEndian));
      return true;
    };
    return { ...common, reads: field.tracking, length: 4, load, scalar: { length: 4, order: 'host', read } };
  }
  const length = lengths[key] ?? (context.family === 'ip' ? 4 : 16);
  const store = storeOf(expression, length, context);
  const load = (machine: Machine, registers: Registers): boolean => {
    const { packet } = machine;
    if (packet.isTemplated) registers.setUnknown(to, length, `ct ${key} of a template of CT`);
    else if (isOlder(packet) && key !== 'mark')
      registers.setUnknown(to, length, `ct ${key} of a connection that is older than the snapshot`);
    return packet.isTemplated || (hasConnection(packet) && ((isOlder(packet) && key !== 'mark') || store(packet, registers, machine)));
  };
  return { ...common, length, load, scalar: key === 'mark' ? markScalar : null };
}

const isOlder = ({ leg, tracked }: Packet): boolean => leg === 'request' && (tracked === 'RELATED' || tracked === 'ESTABLISHED');

const lengths: Readonly<Record<string, number>> = {
  direction: 1,
  status: 4,
  mark: 4,
  secmark: 4,
  expiration: 4,
  helper: 16,
  l3protocol: 1,
  protocol: 1,
  proto_src: 2,
  proto_dst: 2,
  label: 16,
  packets: 8,
  bytes: 8,
  avgpkt: 8,
  zone: 2,
  event: 4,
  src_ip: 4,
  dst_ip: 4,
  src_ip6: 16,
  dst_ip6: 16,
  id: 4,
};

const markScalar: Scalar = {
  length: 4,
  order: 'host',
  read: ({ packet }) => (packet.isTemplated ? notKnown : hasConnection(packet) ? (packet.connection.mark ?? notKnown) : broken),
};

type Store = (packet: Packet, registers: Registers, machine: Machine) => boolean;

/** False: the load fails. */
function storeOf({ key, direction, to }: Ct, length: number, { littleEndian }: NftContext): Store {
  const number = (value: (packet: Packet) => number | null, because: string): Store => {
    return (packet, registers) => {
      const found = value(packet);
      if (found === null) registers.setUnknown(to, length, because);
      else registers.set(to, hostWord(found, length, littleEndian));
      return true;
    };
  };
  switch (key) {
    case 'direction':
      return number((packet) => (packet.direction === 'ORIGINAL' ? 0 : 1), '');
    case 'mark':
      return number((packet) => packet.connection.mark, unknownMark);
    case 'zone':
      return number(({ connection: { zone } }) => (direction === null ? zone.original || zone.reply : zone[direction]), '');
    case 'l3protocol':
      return number((packet) => (packet.family === 'ip' ? 2 : 10), '');
    case 'protocol':
      return number((packet) => packet.protocol, '');
    case 'status':
      return (packet, registers, machine) => storeStatus(packet, registers, { to, littleEndian, machine });
    case 'saddr':
    case 'src_ip':
    case 'src_ip6':
    case 'daddr':
    case 'dst_ip':
    case 'dst_ip6':
      return (packet, registers) => storeAddress(key, direction, packet, to, registers);
    case 'proto_src':
    case 'proto_dst':
      return (packet, registers) => storePort(key, direction, packet, to, registers);
    case 'helper':
      return (packet, registers) => {
        // Only a connection that another one expected has a helper's name here.
        if (packet.tracked === 'NEW') return false;
        registers.setUnknown(to, length, null);
        return true;
      };
    default:
      return (_, registers) => {
        registers.setUnknown(to, length, stateful.has(key) ? null : `ct ${key} is not known`);
        return true;
      };
  }
}

const stateful: ReadonlySet<string> = new Set(['expiration', 'packets', 'bytes', 'avgpkt', 'id']);

/** One end of the tuple of a direction: replies come from where the request went, and go to where it came from. */
function endOf(source: boolean, direction: 'original' | 'reply' | null, { connection, direction: own }: Packet): End {
  const reply = direction === null ? own === 'REPLY' : direction === 'reply';
  const { original, translated } = connection;
  if (reply) return source ? translated.destination : translated.source;
  return source ? original.source : original.destination;
}

function storeAddress(key: string, direction: Ct['direction'], packet: Packet, to: number, registers: Registers): boolean {
  const wanted = key.endsWith('_ip') ? 'ip' : key.endsWith('_ip6') ? 'ip6' : packet.family;
  if (wanted !== packet.family) return false;
  const { words } = endOf(key.startsWith('s'), direction, packet).address;
  for (const [i, word] of words.entries()) registers.set(to + i, swap32(word));
  return true;
}

/** Ports, or for ICMP its identifier, which is not known, and the type and code of the request. */
function storePort(key: string, direction: Ct['direction'], packet: Packet, to: number, registers: Registers): true {
  const { port } = endOf(key === 'proto_src', direction, packet);
  const { icmp } = packet;
  const original = direction === 'original' || (direction === null && packet.direction === 'ORIGINAL');
  // Kernels from 6.17 on do not know the ports of DCCP.
  if (port !== null && packet.protocol !== 33) registers.set(to, swap16(port));
  else if (icmp !== null && key === 'proto_dst' && original && packet.direction === 'ORIGINAL')
    registers.set(to, icmp.type | (icmp.code << 8));
  else registers.setUnknown(to, 2, `ct ${key} of this connection is not known`);
  return true;
}

/** enum ip_conntrack_status. */
const status = { expected: 1, seenReply: 2, assured: 4, confirmed: 8, sourceNat: 16, destinationNat: 32, dying: 512 } as const;

function storeStatus(
  packet: Packet,
  registers: Registers,
  { to, littleEndian, machine }: { to: number; littleEndian: boolean; machine: Machine },
): true {
  const { original, translated } = packet.connection;
  let bits = 0;
  let known: number = status.sourceNat | status.destinationNat | status.dying;
  if (original.destination !== translated.destination) bits |= status.destinationNat;
  if (original.source !== translated.source) bits |= status.sourceNat;
  // A port that the kernel draws may be the packet's own: then nothing was rewritten.
  if (translated.source.port !== original.source.port && sameAddress(translated.source.address, original.source.address))
    if (translated.source.port === null) known &= ~status.sourceNat;
  if (packet.tracked === 'NEW' && packet.direction === 'ORIGINAL') {
    known |= status.expected | status.seenReply | status.assured;
    // A connection is confirmed when its first packet leaves, or has come to the node itself; what the node sends to itself leaves first.
    if (packet.inInterface !== 'lo') known |= status.confirmed;
  } else if (packet.direction === 'REPLY' && machine.packet.leg === 'reply') {
    known |= status.seenReply | status.confirmed;
    bits |= status.seenReply | status.confirmed;
  }
  registers.setPartly(
    to,
    hostWord(bits, 4, littleEndian),
    hostWord(known >>> 0, 4, littleEndian),
    'the status of the connection is not known',
  );
  return true;
}
