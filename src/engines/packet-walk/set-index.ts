import { type Address, type Family, type Prefix, parseAddress, parsePrefix, prefixContains } from '#facts/address.ts';
import type { IpSet } from '#facts/ipset.ts';
import type { End, Packet } from './packet.ts';

/** `unknown`: a type or member that is not modelled. */
export type SetAnswer = boolean | 'unknown';

type Dimension = 'ip' | 'net' | 'port' | 'iface';
interface Member {
  readonly parts: readonly (Prefix | PortMember | string)[];
  readonly nomatch: boolean;
}
interface PortMember {
  readonly protocol: number;
  readonly first: number;
  readonly last: number;
}
interface Compiled {
  readonly dimensions: readonly Dimension[];
  readonly family: Family;
  readonly members: readonly Member[];
  /** `hash:ip` alone: the members by address. */
  readonly exact: ReadonlySet<string> | null;
}

/** Compiles a set once, at its first look-up. */
export class SetIndex {
  readonly #compiled = new Map<IpSet, Compiled | string>();

  /** Null where it can be answered, else why it cannot. */
  reason(set: IpSet): string | null {
    const compiled = this.#get(set);
    return typeof compiled === 'string' ? compiled : null;
  }

  /** Whether the packet is in the set, by the directions of the match, one a dimension (set_match_v1 in xt_set.c). */
  contains(set: IpSet, packet: Packet, directions: readonly ('src' | 'dst')[]): SetAnswer {
    const compiled = this.#get(set);
    if (typeof compiled === 'string') return 'unknown';
    const { dimensions, family, members, exact } = compiled;
    // Too few directions, or the other family: the kernel answers "no match", and `!` then matches.
    if (directions.length < dimensions.length || packet.family !== family) return false;
    const ends = dimensions.map((_, i) => (directions[i] === 'src' ? packet.source : packet.destination));
    if (exact !== null) return exact.has((ends[0] as End).address.words.join('.'));
    const fits = members.filter(({ parts }) =>
      parts.every((part, i) => partFits(part, ends[i] as End, packet, directions[i] as 'src' | 'dst')),
    );
    return decidedBy(fits);
  }

  #get(set: IpSet): Compiled | string {
    let found = this.#compiled.get(set);
    if (found === undefined) {
      found = compile(set);
      this.#compiled.set(set, found);
    }
    return found;
  }
}

/** Hash sets of nets look from the longest prefix to the shortest; the first member found decides, `nomatch` for no. */
function decidedBy(fits: readonly Member[]): boolean {
  const bits = ({ parts }: Member): number =>
    parts.reduce((sum, part) => sum + (typeof part === 'object' && 'bits' in part ? (part.bits ?? 0) : 0), 0);
  const best = fits.toSorted((a, b) => bits(b) - bits(a))[0];
  return best !== undefined && !best.nomatch;
}

function partFits(part: Prefix | PortMember | string, end: End, packet: Packet, direction: 'src' | 'dst'): boolean {
  if (typeof part === 'string') return part === (direction === 'src' ? packet.inInterface : packet.outInterface);
  if ('words' in part) return prefixContains(part, end.address);
  const value = packet.icmp === null ? end.port : packet.icmp.type * 256 + packet.icmp.code;
  return part.protocol === packet.protocol && value !== null && part.first <= value && value <= part.last;
}

const types: Readonly<Record<string, readonly Dimension[]>> = {
  'hash:ip': ['ip'],
  'hash:net': ['net'],
  'hash:ip,port': ['ip', 'port'],
  'hash:net,port': ['net', 'port'],
  'hash:ip,port,ip': ['ip', 'port', 'ip'],
  'hash:ip,port,net': ['ip', 'port', 'net'],
  'hash:net,net': ['net', 'net'],
  'hash:net,port,net': ['net', 'port', 'net'],
  'hash:net,iface': ['net', 'iface'],
};

function compile(set: IpSet): Compiled | string {
  const dimensions = types[set.type];
  if (dimensions === undefined) return `ipset type ${set.type} is not modelled`;
  if (/\b(netmask|bitmask|markmask|iface-wildcard)\b/.test(set.options)) return `ipset option in '${set.options}' is not modelled`;
  const members: Member[] = [];
  for (const member of set.members) {
    const texts = member.text.split(',');
    const parts = dimensions.map((dimension, i) => partOf(dimension, texts[i] ?? ''));
    if (texts.length !== dimensions.length || parts.includes(null)) return `member '${member.text}' of ipset ${set.name} is not modelled`;
    members.push({ parts: parts as Member['parts'], nomatch: member.nomatch });
  }
  const exact = set.type === 'hash:ip' ? new Set(members.map(({ parts }) => (parts[0] as Address).words.join('.'))) : null;
  return { dimensions, family: set.family ?? 'ip', members, exact };
}

const protocolNumbers: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  sctp: 132,
  udplite: 136,
  icmp: 1,
  icmpv6: 58,
  'ipv6-icmp': 58,
};

/** The ICMP types that ipset prints by name and that pings use. */
const icmpNames: Readonly<Record<string, PortMember>> = {
  'icmp:echo-request': { protocol: 1, first: 0x800, last: 0x800 },
  'icmp:echo-reply': { protocol: 1, first: 0, last: 0 },
  'icmpv6:echo-request': { protocol: 58, first: 0x8000, last: 0x8000 },
  'icmpv6:echo-reply': { protocol: 58, first: 0x8100, last: 0x8100 },
};

function partOf(dimension: Dimension, text: string): Prefix | PortMember | string | null {
  if (dimension === 'iface') return text.startsWith('physdev:') ? null : text;
  if (dimension === 'port' && text in icmpNames) return icmpNames[text] ?? null;
  if (dimension !== 'port') return dimension === 'ip' && parseAddress(text) === null ? null : parsePrefix(text);
  const port = /^(?:([a-z0-9-]+):)?(\d+)(?:\/(\d+))?$/.exec(text);
  const protocol = port === null ? undefined : protocolNumbers[port[1] ?? 'tcp'];
  if (port === null || protocol === undefined) return null;
  const value = port[3] === undefined ? Number(port[2]) : Number(port[2]) * 256 + Number(port[3]);
  return { protocol, first: value, last: value };
}
