import { protocolNumber } from '../iptables-save/values.ts';
import * as symbols from './symbols.ts';

/**
 * What a field holds: its width, the order of its bytes in a register, and the words for its values. `network`: as in the packet; `host`: in
 * the order of the node's processor; `text`: characters, padded with zeros.
 */
export interface DataType {
  readonly name: string;
  readonly bits: number;
  readonly order: 'network' | 'host' | 'text';
  /** A value alone asks whether any of its bits is set (`ct state new`). */
  readonly bitmask: boolean;
  /** The number of a word, or null. */
  readonly word: (word: string) => number | null;
}

const noWord = (): null => null;

function dataType(
  name: string,
  bits: number,
  order: DataType['order'],
  words: Readonly<Record<string, number>> | DataType['word'],
): DataType {
  const word = typeof words === 'function' ? words : (text: string) => (Object.hasOwn(words, text) ? (words[text] as number) : null);
  return { name, bits, order, bitmask: false, word };
}

const bitmask = (type: DataType): DataType => ({ ...type, bitmask: true });

/** `ip` is what the C library calls protocol 0. */
function protocol(word: string): number | null {
  if (word === 'ip' || word === 'hopopt') return 0;
  if (word === 'eigrp') return 88;
  try {
    return protocolNumber(word);
  } catch {
    return null;
  }
}

const user = (word: string): number | null => (word === 'root' ? 0 : null);

/** The data types of sets, maps and fields by nft's own names (`nft describe`). */
const all: readonly DataType[] = [
  dataType('ipv4_addr', 32, 'network', noWord),
  dataType('ipv6_addr', 128, 'network', noWord),
  dataType('ether_addr', 48, 'network', noWord),
  dataType('ether_type', 16, 'network', symbols.etherTypes),
  dataType('inet_proto', 8, 'network', protocol),
  dataType('inet_service', 16, 'network', symbols.services),
  dataType('icmp_type', 8, 'network', symbols.icmpTypes),
  dataType('icmp_code', 8, 'network', symbols.icmpCodes),
  dataType('icmpv6_type', 8, 'network', symbols.icmpv6Types),
  dataType('icmpv6_code', 8, 'network', symbols.icmpv6Codes),
  dataType('icmpx_code', 8, 'network', symbols.icmpxCodes),
  dataType('igmp_type', 8, 'network', symbols.igmpTypes),
  bitmask(dataType('tcp_flag', 8, 'network', symbols.tcpFlags)),
  dataType('dscp', 6, 'network', symbols.dscps),
  dataType('ecn', 2, 'network', symbols.ecns),
  dataType('arp_op', 16, 'network', symbols.arpOperations),
  dataType('mark', 32, 'host', noWord),
  dataType('ifname', 128, 'text', noWord),
  dataType('string', 128, 'text', noWord),
  dataType('iface_index', 32, 'host', noWord),
  // Listings print interface indices as names, and a name is what we compare then.
  dataType('interface', 128, 'text', noWord),
  dataType('iface_type', 16, 'host', symbols.interfaceTypes),
  dataType('devgroup', 32, 'host', { default: 0 }),
  dataType('pkt_type', 8, 'host', symbols.packetTypes),
  dataType('nf_proto', 8, 'host', symbols.nfProtocols),
  dataType('uid', 32, 'host', user),
  dataType('gid', 32, 'host', user),
  dataType('cgroupv2', 64, 'host', noWord),
  dataType('realm', 32, 'host', noWord),
  dataType('classid', 32, 'host', { none: 0 }),
  dataType('day', 8, 'host', symbols.days),
  dataType('fib_addrtype', 32, 'host', symbols.addressTypes),
  bitmask(dataType('ct_state', 32, 'host', symbols.ctStates)),
  bitmask(dataType('ct_status', 32, 'host', symbols.ctStatuses)),
  bitmask(dataType('ct_label', 128, 'host', noWord)),
  bitmask(dataType('ct_event', 32, 'host', symbols.ctEvents)),
  dataType('ct_dir', 8, 'host', symbols.ctDirections),
  dataType('boolean', 8, 'host', symbols.booleans),
  /** Milliseconds in the kernel, seconds in listings. */
  dataType('ct_expiration', 32, 'host', noWord),
];

const byName: ReadonlyMap<string, DataType> = new Map(all.map((type) => [type.name, type]));

/**
 * A data type by nft's name; null where a listing names one that has no fixed width (`integer`) or is unknown. Interface indices are listed by
 * name, and are compared by name.
 */
export function dataTypeOf(name: string): DataType | null {
  return byName.get(name === 'iface_index' ? 'interface' : name) ?? null;
}

/** A data type that this table is known to hold. */
export function typed(name: string): DataType {
  const found = byName.get(name);
  if (found === undefined) throw new Error(`no data type ${name}`);
  return found;
}

export function integer(bits: number, order: 'network' | 'host'): DataType {
  return dataType('integer', bits, order, noWord);
}

/** Bytes that a value takes. */
export function widthOf(type: DataType): number {
  return Math.ceil(type.bits / 8);
}
