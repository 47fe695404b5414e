import { formatAddress } from '#facts/address.ts';
import { protocolText } from '../../../xtables/protocol-names.ts';

/** How the bytes of a value are worded. `host`: numbers stand in the host's order, which a byteorder expression changes. */
export interface ValueType {
  readonly name: keyof typeof formats;
  readonly order: 'host' | 'network';
}

type Format = (bytes: Uint8Array) => string;

const decoder = new TextDecoder();

/** Nothing is lost: bytes that have no name are a number. */
const formats = {
  number: decimal,
  hex,
  mark: (bytes: Uint8Array) => `0x${hexDigits(bytes)}`,
  ipv4: (bytes: Uint8Array) => (bytes.length === 4 ? addressText(bytes) : hex(bytes)),
  ipv6: (bytes: Uint8Array) => (bytes.length === 16 ? addressText(bytes) : hex(bytes)),
  ether: (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':'),
  protocol: (bytes: Uint8Array) => (bytes.length === 1 ? protocolText(bytes[0] as number) : hex(bytes)),
  name: nameText,
  nfproto: named({ 2: 'ipv4', 10: 'ipv6' }),
  ethertype: named({ 2048: 'ip', 2054: 'arp', 34525: 'ip6', 33024: 'vlan' }),
  presence: named({ 0: 'missing', 1: 'exists' }),
  pkttype: named({ 0: 'host', 1: 'broadcast', 2: 'multicast', 3: 'other' }),
  fibtype: named({
    0: 'unspec',
    1: 'unicast',
    2: 'local',
    3: 'broadcast',
    4: 'anycast',
    5: 'multicast',
    6: 'blackhole',
    7: 'unreachable',
    8: 'prohibit',
  }),
  direction: named({ 0: 'original', 1: 'reply' }),
  state: bits({ 1: 'invalid', 2: 'established', 4: 'related', 8: 'new', 64: 'untracked' }),
  status: bits({ 1: 'expected', 2: 'seen-reply', 4: 'assured', 8: 'confirmed', 16: 'snat', 32: 'dnat', 512: 'dying' }),
  tcpflags: bits({ 1: 'fin', 2: 'syn', 4: 'rst', 8: 'psh', 16: 'ack', 32: 'urg', 64: 'ecn', 128: 'cwr' }),
  icmp: named({
    0: 'echo-reply',
    3: 'destination-unreachable',
    5: 'redirect',
    8: 'echo-request',
    11: 'time-exceeded',
    12: 'parameter-problem',
  }),
  icmpv6: named({
    1: 'destination-unreachable',
    2: 'packet-too-big',
    3: 'time-exceeded',
    4: 'parameter-problem',
    128: 'echo-request',
    129: 'echo-reply',
    133: 'nd-router-solicit',
    134: 'nd-router-advert',
    135: 'nd-neighbor-solicit',
    136: 'nd-neighbor-advert',
    137: 'nd-redirect',
  }),
} satisfies Readonly<Record<string, Format>>;

/** Types whose values are sets of flags: `ct state established,related` asks for any of them. */
export function isFlags({ name }: ValueType): boolean {
  return name === 'state' || name === 'status' || name === 'tcpflags';
}

export function valueText(type: ValueType, bytes: Uint8Array, littleEndian: boolean): string {
  const swap = type.order === 'host' && littleEndian && type.name !== 'name';
  return formats[type.name](swap ? bytes.slice().reverse() : bytes);
}

function numberOf(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

function decimal(bytes: Uint8Array): string {
  return bytes.length <= 6 ? String(numberOf(bytes)) : bytes.length <= 8 ? String(BigInt(`0x${hexDigits(bytes)}`)) : hex(bytes);
}

function hexDigits(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function hex(bytes: Uint8Array): string {
  return `0x${hexDigits(bytes).replace(/^0+(?=.)/, '')}`;
}

function addressText(bytes: Uint8Array): string {
  const words: number[] = [];
  for (let i = 0; i < bytes.length; i += 4) words.push(numberOf(bytes.subarray(i, i + 4)));
  return formatAddress({ family: bytes.length === 4 ? 'ip' : 'ip6', words });
}

/** Without a NUL within it is the start of a name. */
function nameText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return `"${decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))}${end < 0 ? '*' : ''}"`;
}

function named(names: Readonly<Record<number, string>>): Format {
  return (bytes) => names[numberOf(bytes)] ?? decimal(bytes);
}

function bits(names: Readonly<Record<number, string>>): Format {
  return (bytes) => {
    const value = numberOf(bytes);
    const known = Object.entries(names).filter(([bit]) => (value & Number(bit)) !== 0);
    const sum = known.reduce((total, [bit]) => total + Number(bit), 0);
    return sum === value && value !== 0 ? known.map(([, name]) => name).join(',') : hex(bytes);
  };
}
