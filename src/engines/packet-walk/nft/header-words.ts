import { field } from '../op.ts';
import type { Packet } from '../packet.ts';

/**
 * Headers as words of 32 bits, first byte highest. What a probe does not tell (identification, DF, checksums, sequence numbers, window, flow label,
 * everything behind) is zero, and not set in the mask of known bits.
 */
export function networkWord(packet: Packet, i: number): number {
  return packet.family === 'ip' ? word4(packet, i) : word6(packet, i);
}

export function networkKnown(packet: Packet, i: number): number {
  return packet.family === 'ip' ? known4(packet, i) : known6(packet, i);
}

/** Bytes before the transport header: IPv4 without options, IPv6 with the header of a fragment where it is one. */
export function networkLength(packet: Packet): number {
  if (packet.family === 'ip') return 20;
  return isFragment(packet) ? 48 : 40;
}

function isFragment({ fragmentOffset, moreFragments }: Packet): boolean {
  return fragmentOffset > 0 || moreFragments;
}

function word4(packet: Packet, i: number): number {
  switch (i) {
    case 0:
      return (0x45000000 | (packet.tos << 16) | (packet.length ?? 0)) >>> 0;
    case 1:
      return (packet.moreFragments ? 0x2000 : 0) | (packet.fragmentOffset >> 3);
    case 2:
      return ((packet.ttl << 24) | (packet.protocol << 16)) >>> 0;
    case 3:
      return packet.source.address.words[0] as number;
    case 4:
      return packet.destination.address.words[0] as number;
    default:
      return transportWord(packet, i - 5);
  }
}

function known4(packet: Packet, i: number): number {
  switch (i) {
    case 0:
      return (0xff000000 | (isUntold(packet, field.tos) ? 0 : 0xff0000) | (packet.length === null ? 0 : 0xffff)) >>> 0;
    case 1:
      return 0xbfff;
    case 2:
      return isUntold(packet, field.ttl) ? 0xff0000 : 0xffff0000;
    case 3:
    case 4:
      return 0xffffffff;
    default:
      return transportKnown(packet, i - 5);
  }
}

function word6(packet: Packet, i: number): number {
  if (i === 0) return (0x60000000 | (packet.tos << 20)) >>> 0;
  if (i === 1) {
    const length = packet.length === null ? 0 : packet.length - 40;
    return ((length << 16) | ((isFragment(packet) ? fragmentHeader : packet.protocol) << 8) | packet.ttl) >>> 0;
  }
  if (i < 6) return packet.source.address.words[i - 2] as number;
  if (i < 10) return packet.destination.address.words[i - 6] as number;
  return isFragment(packet) ? 0 : transportWord(packet, i - 10);
}

function known6(packet: Packet, i: number): number {
  if (i === 0) return isUntold(packet, field.tos) ? 0xf0000000 : 0xfff00000;
  if (i === 1) return ((packet.length === null ? 0 : 0xffff0000) | 0xff00 | (isUntold(packet, field.ttl) ? 0 : 0xff)) >>> 0;
  if (i < 10) return 0xffffffff;
  return isFragment(packet) ? 0 : transportKnown(packet, i - 10);
}

const isUntold = ({ untold }: Packet, bit: number): boolean => (untold & bit) !== 0;

const fragmentHeader = 44;
const tcp = 6;
export const ported: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

export function transportWord(packet: Packet, i: number): number {
  const { protocol, icmp } = packet;
  if (packet.fragmentOffset > 0) return 0;
  if (i === 0) {
    if (icmp !== null) return ((icmp.type << 24) | (icmp.code << 16)) >>> 0;
    return (((packet.source.port ?? 0) << 16) | (packet.destination.port ?? 0)) >>> 0;
  }
  return i === 3 && protocol === tcp ? (packet.tcpFlags << 16) >>> 0 : 0;
}

export function transportKnown(packet: Packet, i: number): number {
  const { protocol, icmp } = packet;
  if (packet.fragmentOffset > 0) return 0;
  if (i === 0) {
    if (icmp !== null) return 0xffff0000;
    if (!ported.has(protocol)) return 0;
    return ((packet.source.port === null ? 0 : 0xffff0000) | (packet.destination.port === null ? 0 : 0xffff)) >>> 0;
  }
  return i === 3 && protocol === tcp ? 0x00ff0000 : 0;
}
