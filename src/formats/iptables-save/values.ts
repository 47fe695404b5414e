import { type Address, type Family, type Prefix, parseAddress, parsePrefix } from '#facts/address.ts';
import type { NatRange, PortRange } from '#facts/rule.ts';
import { own } from './own.ts';

/** A value that could not be read; caught by decodeRule, which makes the module it belongs to unmodelled. */
export class UnreadableValue extends Error {}

function unreadable(what: string, found: string | undefined): never {
  throw new UnreadableValue(`${what} '${found ?? ''}'`);
}

/** Decimal or 0x hexadecimal, 0 to 2^32-1. */
export function uint32(text: string | undefined): number {
  if (text === undefined || !/^(0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) return unreadable('number', text);
  const value = Number(text);
  return value <= 0xffffffff ? value : unreadable('number', text);
}

/** `0x1/0xff`, or `1`: the mask is all ones where none is given. */
export function valueAndMask(text: string | undefined): { readonly value: number; readonly mask: number } {
  const [value, mask, more] = (text ?? '').split('/');
  if (more !== undefined) return unreadable('mark', text);
  return { value: uint32(value), mask: mask === undefined ? 0xffffffff : uint32(mask) };
}

export function prefix(text: string | undefined, family: Family): Prefix {
  const found = parsePrefix(text ?? '');
  return found !== null && found.family === family ? found : unreadable('address', text);
}

function address(text: string | undefined, family: Family): Address {
  const found = parseAddress(text ?? '');
  return found !== null && found.family === family ? found : unreadable('address', text);
}

/** `80`, `1000:2000`, `:1023`, `1024:`; `-` separates in NAT targets. */
export function portRange(text: string | undefined, separator: ':' | '-' = ':'): PortRange {
  const parts = (text ?? '').split(separator);
  const first = port(parts[0] === '' && parts.length === 2 ? '0' : parts[0]);
  const last = parts.length === 1 ? first : port(parts[1] === '' ? '65535' : parts[1]);
  return parts.length <= 2 && first <= last ? { first, last } : unreadable('port range', text);
}

function port(text: string | undefined): number {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return unreadable('port', text);
  return Number(text) <= 65535 ? Number(text) : unreadable('port', text);
}

export function addressRange(text: string | undefined, family: Family): { readonly first: Address; readonly last: Address } {
  const [first, last = first, more] = (text ?? '').split('-');
  if (more !== undefined) return unreadable('address range', text);
  return { first: address(first, family), last: address(last, family) };
}

const destination = /^(?:\[([^\]]*)\]|([^:[\]]*)|([0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:-[0-9a-fA-F:.]+)?))(?::(\d+(?:-\d+)?))?$/;

/** `10.0.0.1`, `10.0.0.1-10.0.0.9:80-90`, `:80`, `[fd00::1]:80`, `fd00::1`. */
export function natRange(text: string, family: Family, flags: readonly string[]): NatRange {
  const parts =
    family === 'ip6' && !/^(\[|:\d+(-\d+)?$)/.test(text) ? [text, undefined, undefined, text, undefined] : destination.exec(text);
  if (parts === null) return unreadable('NAT range', text);
  const addresses = (parts[1] ?? parts[2] ?? parts[3] ?? '').replaceAll(/[[\]]/g, '');
  const ports = parts[4] === undefined ? null : portRange(parts[4], '-');
  if (addresses === '') return { first: null, last: null, ports, flags };
  return { ...addressRange(addresses, family), ports, flags };
}

/** Names of /etc/protocols: 4 is `ipencap` on Debian and `ipv4` on the RHEL family; `ipip` is 94 on both. */
const protocols: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmp6: 58,
  'ipv6-icmp': 58,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
  mh: 135,
  'ipv6-mh': 135,
  'mobility-header': 135,
  ipip: 94,
  ospf: 89,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  l2tp: 115,
};

/** By name or number; null for `all` and 0. */
export function protocolNumber(text: string | undefined): number | null {
  const name = (text ?? '').toLowerCase();
  if (name === 'all' || name === '0') return null;
  const number = own(protocols, name) ?? (/^\d{1,3}$/.test(name) ? Number(name) : 256);
  return number <= 255 ? number : unreadable('protocol', text);
}
