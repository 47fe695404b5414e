import { type Address, formatAddress, parseAddress } from '#facts/address.ts';

export interface WirePacket {
  readonly from: Address;
  readonly to: Address;
  readonly protocol: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly tcpFlags: number;
  /** Sequence number of TCP, payload of UDP, identifier and payload of ICMP: it finds the packet again wherever it comes out. */
  readonly id: number;
  readonly acknowledged?: number;
  readonly icmp: { readonly type: number; readonly code: number } | null;
  readonly badChecksum?: boolean;
}

export type SeenKind = 'packet' | 'refusal';

/** What came out somewhere. `id` is null where the packet is none of ours. */
export interface Seen {
  readonly kind: SeenKind;
  readonly id: number | null;
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly tcpFlags: number;
  readonly icmpType: number | null;
}

const isIcmp = (protocol: number): boolean => protocol === 1 || protocol === 58;

export function addressBytes({ words }: Address): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint32(i * 4, word);
  return bytes;
}

/** A whole IP packet, checksums included: conntrack calls one with a bad checksum INVALID. */
export function encode(packet: WirePacket): Uint8Array {
  const body = transport(packet);
  const source = addressBytes(packet.from);
  const destination = addressBytes(packet.to);
  const pseudo = packet.protocol === 1 ? [] : [source, destination, Uint8Array.of(0, packet.protocol, body.length >> 8, body.length & 255)];
  const at = packet.protocol === 6 ? 16 : packet.protocol === 17 ? 6 : isIcmp(packet.protocol) ? 2 : null;
  if (at !== null) new DataView(body.buffer).setUint16(at, checksum([...pseudo, body]) ^ (packet.badChecksum ? 0x5555 : 0));
  return packet.from.family === 'ip' ? header4(packet, source, destination, body) : header6(packet, source, destination, body);
}

function transport({ protocol, fromPort, toPort, tcpFlags, id, acknowledged, icmp }: WirePacket): Uint8Array {
  const body = new Uint8Array(protocol === 6 ? 20 : protocol === 17 ? 12 : 12);
  const view = new DataView(body.buffer);
  if (isIcmp(protocol)) {
    view.setUint8(0, icmp?.type ?? 0);
    view.setUint8(1, icmp?.code ?? 0);
    view.setUint16(4, id & 0xffff);
    view.setUint32(8, id);
    return body;
  }
  if (protocol === 47) {
    view.setUint32(8, id);
    return body;
  }
  view.setUint16(0, fromPort);
  view.setUint16(2, toPort);
  if (protocol === 6) {
    view.setUint32(4, id);
    view.setUint32(8, acknowledged ?? 0);
    view.setUint8(12, 5 << 4);
    view.setUint8(13, tcpFlags);
    view.setUint16(14, 65535);
  } else {
    view.setUint16(4, body.length);
    view.setUint32(8, id);
  }
  return body;
}

function header4({ protocol }: WirePacket, source: Uint8Array, destination: Uint8Array, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(20 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, bytes.length);
  view.setUint8(8, 64);
  view.setUint8(9, protocol);
  bytes.set(source, 12);
  bytes.set(destination, 16);
  view.setUint16(10, checksum([bytes.subarray(0, 20)]));
  bytes.set(body, 20);
  return bytes;
}

function header6({ protocol }: WirePacket, source: Uint8Array, destination: Uint8Array, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(40 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, body.length);
  view.setUint8(6, protocol);
  view.setUint8(7, 64);
  bytes.set(source, 8);
  bytes.set(destination, 24);
  bytes.set(body, 40);
  return bytes;
}

function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) for (let i = 0; i < part.length; i += 2) sum += ((part[i] as number) << 8) + (part[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function addressAt(bytes: Uint8Array, at: number, length: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const words = Array.from({ length: length / 4 }, (_, i) => view.getUint32(at + i * 4));
  return formatAddress({ family: length === 4 ? 'ip' : 'ip6', words });
}

/** Reads a packet that came out of an interface (or an IPv4 raw socket). */
export function decode(bytes: Uint8Array): Seen | null {
  const version = (bytes[0] as number) >> 4;
  if (version === 4)
    return decodeBody(
      bytes.subarray(((bytes[0] as number) & 15) * 4),
      bytes[9] as number,
      addressAt(bytes, 12, 4),
      addressAt(bytes, 16, 4),
    );
  if (version === 6) return decodeBody(bytes.subarray(40), bytes[6] as number, addressAt(bytes, 8, 16), addressAt(bytes, 24, 16));
  return null;
}

/** Reads the transport header and finds our id in it. */
export function decodeBody(body: Uint8Array, protocol: number, from: string, to: string): Seen | null {
  if (body.length < 8) return null;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const base = { kind: 'packet' as const, from, to, fromPort: 0, toPort: 0, tcpFlags: 0, icmpType: null };
  if (isIcmp(protocol)) return decodeIcmp(body, view, base);
  if (protocol === 47) return { ...base, id: view.getUint32(8) };
  const ports = { fromPort: view.getUint16(0), toPort: view.getUint16(2) };
  if (protocol === 17) return { ...base, ...ports, id: body.length >= 12 ? view.getUint32(8) : null };
  if (protocol !== 6 || body.length < 20) return null;
  const tcpFlags = view.getUint8(13);
  if (tcpFlags & 4 && view.getUint32(8) !== 0) return { ...base, ...ports, tcpFlags, kind: 'refusal', id: view.getUint32(8) - 1 };
  return { ...base, ...ports, tcpFlags, id: tcpFlags === 0x12 && view.getUint32(8) !== 0 ? view.getUint32(8) - 1 : view.getUint32(4) };
}

function decodeIcmp(body: Uint8Array, view: DataView, base: Omit<Seen, 'id'>): Seen | null {
  const type = view.getUint8(0);
  const isError = base.from.includes(':') ? type < 128 : type === 3 || type === 11;
  if (!isError) return { ...base, icmpType: type, id: body.length >= 12 ? view.getUint32(8) : null };
  const inner = body.length > 28 ? decode(body.subarray(8)) : null;
  return { ...base, kind: 'refusal', icmpType: type, id: inner?.id ?? null };
}

export function mustParse(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Error(`not an address: ${text}`);
  return address;
}
