import type { Machine } from '../machine.ts';
import { hasTransportHeader, type Packet } from '../packet.ts';
import { drawnPort } from '../xt/told.ts';
import type { CompiledSet } from './compiled-set.ts';
import { writeMac } from './member-words.ts';
import type { Part } from './set-type.ts';

export type Direction = 'src' | 'dst';

/** False: the kernel says no at once, whatever the members. A string: why nobody can tell. */
type Written = true | false | string;

/** Writes what a packet has for each part of a set's members (the kadt functions of net/netfilter/ipset). */
export function writePacket(compiled: CompiledSet, machine: Machine, directions: readonly Direction[], key: Uint32Array): Written {
  const { parts } = compiled.layout.type;
  let open: string | null = null;
  for (let i = 0; i < parts.length; i++) {
    const place = { compiled, key, at: compiled.layout.offsets[i] as number };
    const written = writePartOf(parts[i] as Part, machine, directions[i] as Direction, place);
    if (written === false) return false;
    if (written !== true) open = written;
  }
  return open ?? true;
}

interface Place {
  readonly compiled: CompiledSet;
  readonly key: Uint32Array;
  readonly at: number;
}

function writePartOf(part: Part, machine: Machine, direction: Direction, place: Place): Written {
  const { packet } = machine;
  switch (part) {
    case 'ip':
    case 'net':
      return writeAddress(direction === 'src' ? packet.source.address.words : packet.destination.address.words, place);
    case 'port':
      return writePort(packet, direction, place);
    case 'bare-port':
      // Of TCP and UDP only (ip_set_get_ip_port).
      if (packet.protocol !== 6 && packet.protocol !== 17) return false;
      return writePort(packet, direction, place, true);
    case 'mark':
      machine.touched.markReads |= place.compiled.markMask;
      place.key[place.at] = packet.mark & place.compiled.markMask;
      return true;
    case 'mac':
      return writeMacOf(machine, direction, place);
    case 'learned-mac':
      return hasFrame(machine);
    case 'iface':
      return interfaceOf(packet, direction) !== '';
    default:
      return part satisfies never;
  }
}

function writeAddress(words: readonly number[], { compiled: { addressMask }, key, at }: Place): true {
  for (let i = 0; i < words.length; i++)
    key[at + i] = addressMask === null ? (words[i] as number) : (words[i] as number) & (addressMask[i] as number);
  return true;
}

/** Bytes of the header that must be there, by protocol; others have port 0 (get_port in ip_set_getport.c). */
const headers: Readonly<Record<number, number>> = { 1: 8, 6: 20, 17: 8, 58: 8, 132: 12, 136: 8 };

function writePort(packet: Packet, direction: Direction, { key, at }: Place, bare = false): Written {
  const { protocol, family, icmp } = packet;
  const upper = bare ? 0 : protocol * 65536;
  const header = headers[protocol];
  if (header === undefined) return writeWord(upper, family === 'ip6' && packet.fragmentOffset > 0 ? null : 0, { key, at });
  if (!hasTransportHeader(packet, header)) return false;
  if (protocol === 1 || protocol === 58)
    return icmp === null ? 'the ICMP type is not given' : writeWord(upper, icmp.type * 256 + icmp.code, { key, at });
  const { port } = direction === 'src' ? packet.source : packet.destination;
  return port === null ? drawnPort : writeWord(upper, port, { key, at });
}

function writeWord(upper: number, lower: number | null, { key, at }: Pick<Place, 'key' | 'at'>): boolean {
  if (lower === null) return false;
  key[at] = upper + lower;
  return true;
}

export const frameIsNotGiven = 'the sender and receiver of the frame are not given';

export function macOf(packet: Packet, direction: Direction): string | null {
  return direction === 'src' ? packet.macSource : packet.macDestination;
}

function writeMacOf(machine: Machine, direction: Direction, { key, at }: Place): Written {
  const frame = hasFrame(machine);
  if (frame !== true) return frame;
  const mac = macOf(machine.packet, direction);
  if (mac === null || !writeMac(mac, key, at)) return frameIsNotGiven;
  return key[at] !== 0 || key[at + 1] !== 0;
}

/**
 * MACs are looked at only of packets that came in by Ethernet, and whose device is Ethernet now: from POSTROUTING on that is the one that they leave
 * by (skb->dev). What the node itself sends has none yet.
 */
function hasFrame({ packet, model: { routing }, hook }: Machine): Written {
  if (packet.inPort !== '' && packet.outPort !== '') return true;
  if (packet.inInterface === '') return false;
  if (routing.links.kind === 'missing') return 'whether the interface is Ethernet is not in the snapshot';
  const isEthernet = (name: string): boolean => (routing.link(name)?.mac ?? null) !== null;
  return isEthernet(packet.inInterface) && (hook !== 'postrouting' || isEthernet(packet.outInterface));
}

export function interfaceOf(packet: Packet, direction: Direction): string {
  return direction === 'src' ? packet.inInterface : packet.outInterface;
}
