/** Words that nft prints for numbers, by data type (nft 0.9 to 1.1, `nft describe`). */
type Symbols = Readonly<Record<string, number>>;

/** enum ip_conntrack_info as bits: NF_CT_STATE_BIT. */
export const ctStates: Symbols = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 };

/** enum ip_conntrack_status. */
export const ctStatuses: Symbols = { expected: 1, 'seen-reply': 2, assured: 4, confirmed: 8, snat: 16, dnat: 32, dying: 512 };

export const ctDirections: Symbols = { original: 0, reply: 1 };

/** enum ip_conntrack_events as bits. */
export const ctEvents: Symbols = {
  new: 1,
  related: 2,
  destroy: 4,
  reply: 8,
  assured: 16,
  protoinfo: 32,
  helper: 64,
  mark: 128,
  seqadj: 256,
  secmark: 512,
  label: 1024,
};

export const tcpFlags: Symbols = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 };

export const icmpTypes: Symbols = {
  'echo-reply': 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
  'info-request': 15,
  'info-reply': 16,
  'address-mask-request': 17,
  'address-mask-reply': 18,
};

export const icmpCodes: Symbols = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'frag-needed': 4,
  'net-prohibited': 9,
  'host-prohibited': 10,
  'admin-prohibited': 13,
};

export const icmpv6Types: Symbols = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'mld-listener-reduction': 132,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
  'router-renumbering': 138,
  'ind-neighbor-solicit': 141,
  'ind-neighbor-advert': 142,
  'mld2-listener-report': 143,
};

export const icmpv6Codes: Symbols = {
  'no-route': 0,
  'admin-prohibited': 1,
  'addr-unreachable': 3,
  'port-unreachable': 4,
  'policy-fail': 5,
  'reject-route': 6,
};

/** NFT_REJECT_ICMPX_*. */
export const icmpxCodes: Symbols = { 'no-route': 0, 'port-unreachable': 1, 'host-unreachable': 2, 'admin-prohibited': 3 };

export const igmpTypes: Symbols = {
  'membership-query': 17,
  'membership-report-v1': 18,
  'membership-report-v2': 22,
  'leave-group': 23,
  'membership-report-v3': 34,
};

export const dscps: Symbols = {
  cs0: 0,
  df: 0,
  be: 0,
  lephb: 1,
  cs1: 8,
  af11: 10,
  af12: 12,
  af13: 14,
  cs2: 16,
  af21: 18,
  af22: 20,
  af23: 22,
  cs3: 24,
  af31: 26,
  af32: 28,
  af33: 30,
  cs4: 32,
  af41: 34,
  af42: 36,
  af43: 38,
  cs5: 40,
  va: 44,
  ef: 46,
  cs6: 48,
  cs7: 56,
};

export const ecns: Symbols = { 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 };

/** PACKET_HOST and so on, linux/if_packet.h. */
export const packetTypes: Symbols = { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 };

/** RTN_*, linux/rtnetlink.h. */
export const addressTypes: Symbols = {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
};

export const nfProtocols: Symbols = { ipv4: 2, ipv6: 10 };

export const etherTypes: Symbols = {
  ip: 0x0800,
  arp: 0x0806,
  '8021q': 0x8100,
  vlan: 0x8100,
  '8021ad': 0x88a8,
  ip6: 0x86dd,
};

/** ARPHRD_*, linux/if_arp.h. */
export const interfaceTypes: Symbols = { ether: 1, ppp: 512, ipip: 768, ipip6: 769, loopback: 772, sit: 776, ipgre: 778 };

export const days: Symbols = { Sunday: 0, Monday: 1, Tuesday: 2, Wednesday: 3, Thursday: 4, Friday: 5, Saturday: 6 };

export const arpOperations: Symbols = { request: 1, reply: 2, rrequest: 3, rreply: 4, inrequest: 8, inreply: 9, nak: 10 };

export const booleans: Symbols = { missing: 0, exists: 1, true: 1, false: 0 };

/** Ports by name, of nft before 0.9 and of `nft -S`; others are left undecided. */
export const services: Symbols = {
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  bgp: 179,
  ldap: 389,
  https: 443,
  'microsoft-ds': 445,
  isakmp: 500,
  ldaps: 636,
  imaps: 993,
  pop3s: 995,
};
