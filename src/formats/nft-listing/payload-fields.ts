import type { NftExpression } from '#facts/nft.ts';
import { type DataType, integer, typed } from './data-types.ts';

export type PayloadBase = Extract<NftExpression, { kind: 'payload' }>['base'];

/** A field of a header: `offset` and `type.bits` in bits. */
export interface PayloadField {
  readonly base: PayloadBase;
  readonly offset: number;
  readonly type: DataType;
}

type Rows = Readonly<Record<string, readonly [offset: number, type: DataType]>>;

const number = (bits: number): DataType => integer(bits, 'network');
const port = typed('inet_service');
const protocol = typed('inet_proto');
const ports: Rows = { sport: [0, port], dport: [16, port] };
const ethernet = typed('ether_addr');

/** Headers as nft names them, with the kernel's structs: linux/ip.h, ipv6.h, tcp.h, udp.h, sctp.h, icmp.h, icmpv6.h, if_ether.h. */
const headers: Readonly<Record<string, readonly [base: PayloadBase, fields: Rows]>> = {
  ether: ['link', { daddr: [0, ethernet], saddr: [48, ethernet], type: [96, typed('ether_type')] }],
  ip: [
    'network',
    {
      version: [0, number(4)],
      hdrlength: [4, number(4)],
      dscp: [8, typed('dscp')],
      ecn: [14, typed('ecn')],
      length: [16, number(16)],
      id: [32, number(16)],
      'frag-off': [48, number(16)],
      ttl: [64, number(8)],
      protocol: [72, protocol],
      checksum: [80, number(16)],
      saddr: [96, typed('ipv4_addr')],
      daddr: [128, typed('ipv4_addr')],
    },
  ],
  ip6: [
    'network',
    {
      version: [0, number(4)],
      dscp: [4, typed('dscp')],
      ecn: [10, typed('ecn')],
      flowlabel: [12, number(20)],
      length: [32, number(16)],
      nexthdr: [48, protocol],
      hoplimit: [56, number(8)],
      saddr: [64, typed('ipv6_addr')],
      daddr: [192, typed('ipv6_addr')],
    },
  ],
  arp: [
    'network',
    {
      htype: [0, number(16)],
      ptype: [16, typed('ether_type')],
      hlen: [32, number(8)],
      plen: [40, number(8)],
      operation: [48, typed('arp_op')],
    },
  ],
  tcp: [
    'transport',
    {
      ...ports,
      sequence: [32, number(32)],
      ackseq: [64, number(32)],
      doff: [96, number(4)],
      reserved: [100, number(4)],
      flags: [104, typed('tcp_flag')],
      window: [112, number(16)],
      checksum: [128, number(16)],
      urgptr: [144, number(16)],
    },
  ],
  udp: ['transport', { ...ports, length: [32, number(16)], checksum: [48, number(16)] }],
  udplite: ['transport', { ...ports, csumcov: [32, number(16)], checksum: [48, number(16)] }],
  sctp: ['transport', { ...ports, vtag: [32, number(32)], checksum: [64, number(32)] }],
  dccp: ['transport', ports],
  th: ['transport', ports],
  ah: [
    'transport',
    { nexthdr: [0, protocol], hdrlength: [8, number(8)], reserved: [16, number(16)], spi: [32, number(32)], sequence: [64, number(32)] },
  ],
  esp: ['transport', { spi: [0, number(32)], sequence: [32, number(32)] }],
  comp: ['transport', { nexthdr: [0, protocol], flags: [8, number(8)], cpi: [16, number(16)] }],
  icmp: [
    'transport',
    {
      type: [0, typed('icmp_type')],
      code: [8, typed('icmp_code')],
      checksum: [16, number(16)],
      id: [32, number(16)],
      sequence: [48, number(16)],
      mtu: [48, number(16)],
    },
  ],
  icmpv6: [
    'transport',
    {
      type: [0, typed('icmpv6_type')],
      code: [8, typed('icmpv6_code')],
      checksum: [16, number(16)],
      id: [32, number(16)],
      sequence: [48, number(16)],
      mtu: [32, number(32)],
    },
  ],
  igmp: ['transport', { type: [0, typed('igmp_type')], mrt: [8, number(8)], checksum: [16, number(16)], group: [32, typed('ipv4_addr')] }],
};

export function payloadField(header: string, field: string): PayloadField | null {
  const found = Object.hasOwn(headers, header) ? headers[header] : undefined;
  if (found === undefined) return null;
  const row = Object.hasOwn(found[1], field) ? found[1][field] : undefined;
  return row === undefined ? null : { base: found[0], offset: row[0], type: row[1] };
}

/** What must be true of a packet before a header of its is read: IP protocol numbers, and the network protocol of its messages. */
export const transportOf: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  comp: 108,
  sctp: 132,
  udplite: 136,
};

export const networkOf: Readonly<Record<string, 'ip' | 'ip6' | 'arp'>> = {
  ip: 'ip',
  ip6: 'ip6',
  arp: 'arp',
  icmp: 'ip',
  igmp: 'ip',
  icmpv6: 'ip6',
};

/** `@nh,8,8`: bases of raw payload. */
export const rawBases: Readonly<Record<string, PayloadBase>> = { ll: 'link', nh: 'network', th: 'transport', ih: 'inner' };
