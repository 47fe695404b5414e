import { type Address, parseAddress } from '#facts/address.ts';
import { crc32c, internetChecksum } from './checksums.ts';

/** A packet before it is bytes. */
export interface WirePacket {
  readonly from: Address;
  readonly to: Address;
  readonly protocol: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly tcpFlags: number;
  /** `identifier` is the packet's id where absent. */
  readonly icmp: { readonly type: number; readonly code: number; readonly identifier?: number } | null;
  /** Finds the packet again wherever it comes out: IPv4's identification or IPv6's flow label, and most protocols' body. Below 0x8000. */
  readonly id: number;
  /** Asks the judge's own rules for a trace, by a bit that nothing else sets. */
  readonly traced?: boolean;
  /** TCP: the sequence number is `id << 8` and this. */
  readonly sequenceOffset?: number;
  readonly acknowledged?: number;
  readonly badChecksum?: boolean;
  readonly ttl?: number;
  readonly padding?: number;
  readonly cut?: number;
  /** SCTP: an INIT-ACK instead of an INIT. */
  readonly answer?: boolean;
}

export const isIcmp = (protocol: number): boolean => protocol === 1 || protocol === 58;
/** TCP, UDP, DCCP, SCTP, UDP-Lite. */
export const hasPorts = (protocol: number): boolean => [6, 17, 33, 132, 136].includes(protocol);

export function addressBytes({ words }: Address): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint32(i * 4, word);
  return bytes;
}

export function mustParse(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Error(`not an address: ${text}`);
  return address;
}

/** A whole IP packet, checksums included: conntrack calls one with a bad checksum INVALID. */
export function encode(packet: WirePacket): Uint8Array {
  return withHeader(packet, checkedBody(packet), null);
}

/** The same datagram in two fragments, the second from `at` on, a multiple of eight. */
export function encodeFragments(packet: WirePacket, at: number): readonly [Uint8Array, Uint8Array] {
  const body = checkedBody(packet);
  return [
    withHeader(packet, body.subarray(0, at), { offset: 0, more: true }),
    withHeader(packet, body.subarray(at), { offset: at, more: false }),
  ];
}

function checkedBody(packet: WirePacket): Uint8Array {
  const body = transportBody(packet);
  const { protocol } = packet;
  const view = new DataView(body.buffer);
  const spoiled = packet.badChecksum ? 0x5555 : 0;
  const at = protocol === 6 ? 16 : protocol === 17 || protocol === 136 || protocol === 33 ? 6 : isIcmp(protocol) ? 2 : null;
  if (protocol === 132) view.setUint32(8, (crc32c(body) ^ spoiled) >>> 0, true);
  if (at !== null) view.setUint16(at, internetChecksum([...pseudoHeader(packet, body.length), body]) ^ spoiled);
  return packet.cut === undefined ? body : body.slice(0, packet.cut);
}

function pseudoHeader({ from, to, protocol }: WirePacket, length: number): readonly Uint8Array[] {
  return protocol === 1 ? [] : [addressBytes(from), addressBytes(to), Uint8Array.of(0, protocol, length >> 8, length & 255)];
}

const bodyLengths: Readonly<Record<number, number>> = { 6: 20, 17: 12, 132: 32, 136: 12, 33: 20 };

function transportBody(packet: WirePacket): Uint8Array {
  const { protocol, fromPort, toPort, id, icmp, padding } = packet;
  const body = new Uint8Array((bodyLengths[protocol] ?? 12) + (padding ?? 0));
  const view = new DataView(body.buffer);
  if (isIcmp(protocol)) {
    view.setUint8(0, icmp?.type ?? 0);
    view.setUint8(1, icmp?.code ?? 0);
    view.setUint16(4, icmp?.identifier ?? id);
    view.setUint32(8, id);
    return body;
  }
  if (hasPorts(protocol)) {
    view.setUint16(0, fromPort);
    view.setUint16(2, toPort);
  }
  if (protocol === 6) fillTcp(view, packet);
  else if (protocol === 132) fillSctp(view, packet);
  else if (protocol === 33) fillDccp(view, packet);
  else view.setUint32(8, id);
  if (protocol === 17 || protocol === 136) view.setUint16(4, body.length);
  return body;
}

function fillTcp(view: DataView, { id, sequenceOffset, acknowledged, tcpFlags }: WirePacket): void {
  view.setUint32(4, (id << 8) + (sequenceOffset ?? 0));
  view.setUint32(8, acknowledged ?? 0);
  view.setUint8(12, 5 << 4);
  view.setUint8(13, tcpFlags);
  view.setUint16(14, 65535);
}

/** INIT or INIT-ACK with nothing optional (RFC 9260, 3.3.2). An INIT has no verification tag; the answer has the asker's. */
function fillSctp(view: DataView, { id, answer, padding }: WirePacket): void {
  view.setUint32(4, answer ? id : 0);
  view.setUint8(12, answer ? 2 : 1);
  view.setUint16(14, 20 + (padding ?? 0));
  view.setUint32(16, id);
  view.setUint32(20, 65536);
  view.setUint16(24, 1);
  view.setUint16(26, 1);
  view.setUint32(28, id);
}

/** A REQUEST, or a RESPONSE, with extended sequence numbers (RFC 4340, 5.1). */
function fillDccp(view: DataView, { id, answer }: WirePacket): void {
  view.setUint8(4, 5);
  view.setUint8(8, ((answer ? 1 : 0) << 1) | 1);
  view.setUint32(12, id);
}

interface Fragment {
  readonly offset: number;
  readonly more: boolean;
}

function withHeader(packet: WirePacket, body: Uint8Array, fragment: Fragment | null): Uint8Array {
  return packet.from.family === 'ip' ? header4(packet, body, fragment) : header6(packet, body, fragment);
}

function header4(packet: WirePacket, body: Uint8Array, fragment: Fragment | null): Uint8Array {
  const bytes = new Uint8Array(20 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, bytes.length);
  view.setUint16(4, packet.id);
  const fragmentBits = fragment === null ? 0 : (fragment.more ? 0x2000 : 0) | (fragment.offset >> 3);
  view.setUint16(6, fragmentBits | (packet.traced ? 0x8000 : 0));
  view.setUint8(8, packet.ttl ?? 64);
  view.setUint8(9, packet.protocol);
  bytes.set(addressBytes(packet.from), 12);
  bytes.set(addressBytes(packet.to), 16);
  view.setUint16(10, internetChecksum([bytes.subarray(0, 20)]));
  bytes.set(body, 20);
  return bytes;
}

function header6(packet: WirePacket, body: Uint8Array, fragment: Fragment | null): Uint8Array {
  const start = fragment === null ? 40 : 48;
  const bytes = new Uint8Array(start + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x60000000 | packet.id | (packet.traced ? 0x80000 : 0));
  view.setUint16(4, bytes.length - 40);
  view.setUint8(6, fragment === null ? packet.protocol : 44);
  view.setUint8(7, packet.ttl ?? 64);
  bytes.set(addressBytes(packet.from), 8);
  bytes.set(addressBytes(packet.to), 24);
  if (fragment !== null) {
    view.setUint8(40, packet.protocol);
    view.setUint16(42, fragment.offset | (fragment.more ? 1 : 0));
    view.setUint32(44, packet.id);
  }
  bytes.set(body, start);
  return bytes;
}
