import type { NftFamily } from '#facts/nft.ts';

/** nfgen_family: NFPROTO_INET, IPV4, ARP, NETDEV, BRIDGE, IPV6. */
export const families: Readonly<Record<number, NftFamily>> = { 1: 'inet', 2: 'ip', 3: 'arp', 5: 'netdev', 7: 'bridge', 10: 'ip6' };

/** enum nft_meta_keys. */
export const metaKeys = [
  'length',
  'protocol',
  'priority',
  'mark',
  'iif',
  'oif',
  'iifname',
  'oifname',
  'iiftype',
  'oiftype',
  'skuid',
  'skgid',
  'nftrace',
  'rtclassid',
  'secmark',
  'nfproto',
  'l4proto',
  'ibrname',
  'obrname',
  'pkttype',
  'cpu',
  'iifgroup',
  'oifgroup',
  'cgroup',
  'random',
  'ipsec',
  'iifkind',
  'oifkind',
  'ibrpvid',
  'ibrvproto',
  'time',
  'day',
  'hour',
  'sdif',
  'sdifname',
  'broute',
] as const;

/** enum nft_ct_keys. */
export const ctKeys = [
  'state',
  'direction',
  'status',
  'mark',
  'secmark',
  'expiration',
  'helper',
  'l3protocol',
  'saddr',
  'daddr',
  'protocol',
  'proto_src',
  'proto_dst',
  'label',
  'packets',
  'bytes',
  'avgpkt',
  'zone',
  'event',
  'src_ip',
  'dst_ip',
  'src_ip6',
  'dst_ip6',
  'id',
] as const;

/** enum nft_rt_keys. */
export const rtKeys = ['classid', 'nexthop4', 'nexthop6', 'tcpmss', 'ipsec'] as const;

/** enum nft_socket_keys. */
export const socketKeys = ['transparent', 'mark', 'wildcard', 'cgroupv2'] as const;

/** enum nft_fib_flags; of nft_fib_result 0 is not in use. */
export const fibFlags = { 1: 'saddr', 2: 'daddr', 4: 'mark', 8: 'iif', 16: 'oif', 32: 'present' } as const;

/** NF_NAT_RANGE_*: MAP_IPS, PROTO_SPECIFIED and PROTO_OFFSET say which registers are there, or nothing that nf_tables uses. */
export const natFlags = { 1: '', 2: '', 4: 'random', 8: 'persistent', 16: 'fully-random', 64: 'netmap' } as const;

/** NFT_OBJECT_*. */
export const objectTypes: Readonly<Record<number, string>> = {
  1: 'counter',
  2: 'quota',
  3: 'ct helper',
  4: 'limit',
  5: 'ct count',
  6: 'tunnel',
  7: 'ct timeout',
  8: 'secmark',
  9: 'ct expectation',
  10: 'synproxy',
};
