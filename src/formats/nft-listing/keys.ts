import { type DataType, integer, typed } from './data-types.ts';

const hostNumber = (bits: number): DataType => integer(bits, 'host');
const interfaceName = typed('ifname');
const address4 = typed('ipv4_addr');
const address6 = typed('ipv6_addr');

/** Types of `meta KEY`, net/netfilter/nft_meta.c. `time` and `hour` are printed in the time zone of who listed them: no bytes follow from that. */
export const metaTypes: Readonly<Record<string, DataType | null>> = {
  length: hostNumber(32),
  protocol: typed('ether_type'),
  priority: typed('classid'),
  mark: typed('mark'),
  iif: typed('iface_index'),
  oif: typed('iface_index'),
  iifname: interfaceName,
  oifname: interfaceName,
  iiftype: typed('iface_type'),
  oiftype: typed('iface_type'),
  skuid: typed('uid'),
  skgid: typed('gid'),
  nftrace: hostNumber(8),
  rtclassid: typed('realm'),
  nfproto: typed('nf_proto'),
  l4proto: typed('inet_proto'),
  ibrname: interfaceName,
  obrname: interfaceName,
  ibridgename: interfaceName,
  obridgename: interfaceName,
  pkttype: typed('pkt_type'),
  cpu: hostNumber(32),
  iifgroup: typed('devgroup'),
  oifgroup: typed('devgroup'),
  cgroup: hostNumber(32),
  random: integer(32, 'network'),
  ipsec: typed('boolean'),
  secpath: typed('boolean'),
  iifkind: interfaceName,
  oifkind: interfaceName,
  ibrpvid: hostNumber(16),
  ibrvproto: typed('ether_type'),
  day: typed('day'),
  sdif: typed('iface_index'),
  sdifname: interfaceName,
  time: null,
  hour: null,
};

/** Names that `nft` and facts/nft.ts spell differently. */
export const metaKeyNames: Readonly<Record<string, string>> = { secpath: 'ipsec', ibridgename: 'ibrname', obridgename: 'obrname' };

/** Types of `ct KEY`, net/netfilter/nft_ct.c, with the kernel's key. `saddr` and `daddr` take the table's family. */
export const ctTypes: Readonly<Record<string, readonly [key: string, type: DataType | null]>> = {
  state: ['state', typed('ct_state')],
  direction: ['direction', typed('ct_dir')],
  status: ['status', typed('ct_status')],
  mark: ['mark', typed('mark')],
  expiration: ['expiration', typed('ct_expiration')],
  helper: ['helper', typed('string')],
  l3proto: ['l3protocol', typed('nf_proto')],
  saddr: ['saddr', null],
  daddr: ['daddr', null],
  'ip saddr': ['src_ip', address4],
  'ip daddr': ['dst_ip', address4],
  'ip6 saddr': ['src_ip6', address6],
  'ip6 daddr': ['dst_ip6', address6],
  protocol: ['protocol', typed('inet_proto')],
  'proto-src': ['proto_src', typed('inet_service')],
  'proto-dst': ['proto_dst', typed('inet_service')],
  label: ['label', typed('ct_label')],
  packets: ['packets', hostNumber(64)],
  bytes: ['bytes', hostNumber(64)],
  avgpkt: ['avgpkt', hostNumber(64)],
  zone: ['zone', hostNumber(16)],
  event: ['event', typed('ct_event')],
  id: ['id', integer(32, 'network')],
};

/** Extension headers of IPv6: protocol number, and the fields that a listing can ask for, offset and width in bits. */
export const extensionHeaders: Readonly<Record<string, number>> = { hbh: 0, rt: 43, rt0: 43, rt2: 43, srh: 43, frag: 44, dst: 60, mh: 135 };
export const extensionFields: Readonly<Record<string, readonly [offset: number, type: DataType]>> = {
  'hbh nexthdr': [0, typed('inet_proto')],
  'hbh hdrlength': [8, integer(8, 'network')],
  'dst nexthdr': [0, typed('inet_proto')],
  'dst hdrlength': [8, integer(8, 'network')],
  'rt nexthdr': [0, typed('inet_proto')],
  'rt hdrlength': [8, integer(8, 'network')],
  'rt type': [16, integer(8, 'network')],
  'rt seg-left': [24, integer(8, 'network')],
  'frag nexthdr': [0, typed('inet_proto')],
  'frag frag-off': [16, integer(13, 'network')],
  'frag more-fragments': [31, integer(1, 'network')],
  'frag id': [32, integer(32, 'network')],
};

/** TCP options by number, and their fields. */
export const tcpOptions: Readonly<Record<string, number>> = {
  eol: 0,
  nop: 1,
  noop: 1,
  maxseg: 2,
  window: 3,
  'sack-perm': 4,
  sack: 5,
  sack0: 5,
  timestamp: 8,
  md5sig: 19,
  mptcp: 30,
  fastopen: 34,
};
export const tcpOptionFields: Readonly<Record<string, readonly [offset: number, type: DataType]>> = {
  'maxseg length': [8, integer(8, 'network')],
  'maxseg size': [16, integer(16, 'network')],
  'window length': [8, integer(8, 'network')],
  'window count': [16, integer(8, 'network')],
  'timestamp length': [8, integer(8, 'network')],
  'timestamp tsval': [16, integer(32, 'network')],
  'timestamp tsecr': [48, integer(32, 'network')],
};

/** IPv4 options whose presence can be asked for. */
export const ipOptions: Readonly<Record<string, number>> = { rr: 7, ra: 148, lsrr: 131, ssrr: 137 };
