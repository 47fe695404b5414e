import type { NftExpression, NftFamily } from '#facts/nft.ts';
import type { Term } from './terms.ts';
import type { ValueType } from './values.ts';

/** What the rule has asked for so far. */
export interface Layers {
  /** `ip`, `ip6`, or null. */
  readonly network: string | null;
  /** IP protocol by name, or null. */
  readonly transport: string | null;
}

interface Field {
  readonly name: string;
  readonly at: number;
  readonly length: number;
  readonly type: ValueType;
}

const field = (name: string, place: readonly [at: number, length: number], type: ValueType['name']): Field => ({
  name,
  at: place[0],
  length: place[1],
  type: { name: type, order: 'network' },
});

const ports = [field('sport', [0, 2], 'number'), field('dport', [2, 2], 'number')];
/** Whole bytes of headers; what starts within a byte is masked in its rule. */
const headers: Readonly<Record<string, readonly Field[]>> = {
  ether: [field('daddr', [0, 6], 'ether'), field('saddr', [6, 6], 'ether'), field('type', [12, 2], 'ethertype')],
  ip: [
    field('saddr', [12, 4], 'ipv4'),
    field('daddr', [16, 4], 'ipv4'),
    field('protocol', [9, 1], 'protocol'),
    field('length', [2, 2], 'number'),
    field('id', [4, 2], 'number'),
    field('frag-off', [6, 2], 'hex'),
    field('ttl', [8, 1], 'number'),
  ],
  ip6: [
    field('saddr', [8, 16], 'ipv6'),
    field('daddr', [24, 16], 'ipv6'),
    field('nexthdr', [6, 1], 'protocol'),
    field('length', [4, 2], 'number'),
    field('hoplimit', [7, 1], 'number'),
  ],
  arp: [field('htype', [0, 2], 'number'), field('ptype', [2, 2], 'ethertype'), field('operation', [6, 2], 'number')],
  tcp: [...ports, field('flags', [13, 1], 'tcpflags'), field('sequence', [4, 4], 'number'), field('window', [14, 2], 'number')],
  udp: [...ports, field('length', [4, 2], 'number')],
  sctp: [...ports, field('vtag', [4, 4], 'number')],
  dccp: ports,
  udplite: ports,
  icmp: [field('type', [0, 1], 'icmp'), field('code', [1, 1], 'number'), field('id', [4, 2], 'number')],
  'ipv6-icmp': [field('type', [0, 1], 'icmpv6'), field('code', [1, 1], 'number')],
  esp: [field('spi', [0, 4], 'number')],
  th: ports,
};
const shortBases = { link: 'll', network: 'nh', transport: 'th', inner: 'ih', tunnel: 'tunnel' } as const;

/** A field by its name, where the rule or its family tells which header it is of; else by its place, as `@th,16,16`. */
export function payloadTerm(load: Pick<Extract<NftExpression, { kind: 'payload' }>, 'base' | 'offset' | 'length'>, layers: Layers): Term {
  const { base, offset, length } = load;
  const header = headerOf(base, layers);
  const found = headers[header ?? '']?.find((each) => each.at === offset && (each.length === length || isCut(each, length)));
  if (found === undefined || header === null) {
    return { text: `@${shortBases[base]},${offset * 8},${length * 8}`, type: { name: 'hex', order: 'network' } };
  }
  const word = header === 'ipv6-icmp' ? 'icmpv6' : header;
  return { text: `${word} ${found.name}`, type: found.type, needs: header };
}

/** Of an address under a mask that ends at a byte only those bytes are loaded. */
function isCut({ type, length }: Field, loaded: number): boolean {
  return (type.name === 'ipv4' || type.name === 'ipv6') && loaded < length;
}

function headerOf(base: keyof typeof shortBases, layers: Layers): string | null {
  if (base === 'link') return 'ether';
  if (base === 'network') return layers.network;
  return base === 'transport' ? (layers.transport ?? 'th') : null;
}

/** A family's rules see packets of one network protocol, or have to ask. */
export function startingLayers(family: NftFamily): Layers {
  return { network: family === 'ip' || family === 'ip6' || family === 'arp' ? family : null, transport: null };
}
