import { formatAddress } from '#facts/address.ts';
import { hasPorts, isIcmp } from './encode.ts';

/** What came out somewhere. `refusal`: an ICMP error or a TCP reset about the packet with that id. */
export interface Seen {
  readonly kind: 'packet' | 'refusal';
  /** Null where the packet is none of ours, or too short to tell. */
  readonly id: number | null;
  readonly protocol: number;
  readonly from: string;
  readonly to: string;
  readonly fromPort: number | null;
  readonly toPort: number | null;
  readonly tcpFlags: number;
  readonly icmpType: number | null;
  /** Identifier of an echo: nat rewrites it as it does ports. */
  readonly icmpIdentifier: number | null;
  readonly fragmentOffset: number;
}

interface Header {
  readonly id: number | null;
  readonly protocol: number;
  readonly from: string;
  readonly to: string;
  readonly fragmentOffset: number;
}

export function addressText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4));
  return formatAddress({ family: bytes.length === 4 ? 'ip' : 'ip6', words });
}

/** Reads a packet that came out of an interface, or of an IPv4 raw socket. */
export function decode(bytes: Uint8Array): Seen | null {
  const version = (bytes[0] ?? 0) >> 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (version === 4 && bytes.length >= 20) return decode4(bytes, view);
  if (version === 6 && bytes.length >= 40) return decode6(bytes, view);
  return null;
}

function decode4(bytes: Uint8Array, view: DataView): Seen | null {
  const header: Header = {
    id: view.getUint16(4) & 0x7fff,
    protocol: view.getUint8(9),
    from: addressText(bytes.subarray(12, 16)),
    to: addressText(bytes.subarray(16, 20)),
    fragmentOffset: (view.getUint16(6) & 0x1fff) * 8,
  };
  return decodeBody(bytes.subarray((view.getUint8(0) & 15) * 4), header);
}

function decode6(bytes: Uint8Array, view: DataView): Seen | null {
  const fragmented = view.getUint8(6) === 44 && bytes.length >= 48;
  const header: Header = {
    id: view.getUint32(0) & 0x7fff,
    protocol: view.getUint8(fragmented ? 40 : 6),
    from: addressText(bytes.subarray(8, 24)),
    to: addressText(bytes.subarray(24, 40)),
    fragmentOffset: fragmented ? view.getUint16(42) & 0xfff8 : 0,
  };
  return decodeBody(bytes.subarray(fragmented ? 48 : 40), header);
}

/** Reads a transport header. What the kernel itself made has an identification of its own: there the body tells the id. */
export function decodeBody(body: Uint8Array, header: Header): Seen {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const base: Seen = { ...header, kind: 'packet', fromPort: null, toPort: null, tcpFlags: 0, icmpType: null, icmpIdentifier: null };
  if (header.fragmentOffset > 0) return base;
  if (isIcmp(header.protocol)) return decodeIcmp(body, view, base);
  if (!hasPorts(header.protocol)) return body.length >= 12 ? { ...base, id: view.getUint32(8) } : base;
  if (body.length < 4) return base;
  const ports = { ...base, fromPort: view.getUint16(0), toPort: view.getUint16(2) };
  return header.protocol === 6 ? decodeTcp(view, ports) : { ...ports, id: bodyId(view, header.protocol) ?? header.id };
}

function bodyId(view: DataView, protocol: number): number | null {
  if (protocol === 132) return view.byteLength >= 20 ? view.getUint32(16) : null;
  if (protocol === 33) return view.byteLength >= 16 ? view.getUint32(12) : null;
  return view.byteLength >= 12 ? view.getUint32(8) : null;
}

/** Ours have sequence numbers of `id << 8` and acknowledge with a low byte of 0x80; the kernel's answers count on from there. */
function decodeTcp(view: DataView, base: Seen): Seen {
  if (view.byteLength < 14) return { ...base, id: view.byteLength >= 8 ? view.getUint32(4) >>> 8 : base.id };
  const tcpFlags = view.getUint8(13);
  const [sequence, acknowledged] = [view.getUint32(4), view.getUint32(8)];
  const answers = tcpFlags & 0x10 && (acknowledged & 0xff) > 0 && (acknowledged & 0xff) < 0x80;
  if (tcpFlags & 4 && answers) return { ...base, tcpFlags, kind: 'refusal', id: (acknowledged - 1) >>> 8 };
  if (tcpFlags & 4 && (sequence & 0xff) >= 0x80) return { ...base, tcpFlags, kind: 'refusal', id: sequence >>> 8 };
  return { ...base, tcpFlags, id: answers ? (acknowledged - 1) >>> 8 : sequence >>> 8 };
}

function decodeIcmp(body: Uint8Array, view: DataView, base: Seen): Seen {
  if (body.length < 1) return base;
  const icmpType = view.getUint8(0);
  const isError = base.protocol === 58 ? icmpType < 128 : [3, 11, 12].includes(icmpType);
  const inner = isError && body.length > 28 ? decode(body.subarray(8)) : null;
  if (inner !== null && inner.from !== '0.0.0.0' && inner.from !== '::') return { ...base, kind: 'refusal', icmpType, id: inner.id };
  const icmpIdentifier = body.length >= 6 ? view.getUint16(4) : null;
  return { ...base, icmpType, icmpIdentifier, id: body.length >= 12 ? view.getUint32(8) : base.id };
}
