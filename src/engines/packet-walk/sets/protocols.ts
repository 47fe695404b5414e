/** Protocols by the names of /etc/protocols that `ipset` prints; others stand there as numbers. */
const protocolNames = new Map(
  Object.entries({
    icmp: 1,
    igmp: 2,
    ipencap: 4,
    tcp: 6,
    egp: 8,
    udp: 17,
    dccp: 33,
    ipv6: 41,
    rsvp: 46,
    gre: 47,
    esp: 50,
    ah: 51,
    icmpv6: 58,
    'ipv6-icmp': 58,
    eigrp: 88,
    ospf: 89,
    ipip: 94,
    pim: 103,
    vrrp: 112,
    l2tp: 115,
    sctp: 132,
    udplite: 136,
  }),
);

/** Names of ICMP types as lib/icmp.c and lib/icmpv6.c of ipset print them: type * 256 + code. */
const icmpNames = new Map(
  Object.entries({
    'echo-reply': 0x0000,
    pong: 0x0000,
    'network-unreachable': 0x0300,
    'host-unreachable': 0x0301,
    'protocol-unreachable': 0x0302,
    'port-unreachable': 0x0303,
    'fragmentation-needed': 0x0304,
    'source-route-failed': 0x0305,
    'network-unknown': 0x0306,
    'host-unknown': 0x0307,
    'network-prohibited': 0x0309,
    'host-prohibited': 0x030a,
    'TOS-network-unreachable': 0x030b,
    'TOS-host-unreachable': 0x030c,
    'communication-prohibited': 0x030d,
    'host-precedence-violation': 0x030e,
    'precedence-cutoff': 0x030f,
    'source-quench': 0x0400,
    'network-redirect': 0x0500,
    'host-redirect': 0x0501,
    'TOS-network-redirect': 0x0502,
    'TOS-host-redirect': 0x0503,
    'echo-request': 0x0800,
    ping: 0x0800,
    'router-advertisement': 0x0900,
    'router-solicitation': 0x0a00,
    'ttl-zero-during-transit': 0x0b00,
    'ttl-zero-during-reassembly': 0x0b01,
    'ip-header-bad': 0x0c00,
    'required-option-missing': 0x0c01,
    'timestamp-request': 0x0d00,
    'timestamp-reply': 0x0e00,
    'address-mask-request': 0x1100,
    'address-mask-reply': 0x1200,
  }),
);
const icmp6Names = new Map(
  Object.entries({
    'no-route': 0x0100,
    'communication-prohibited': 0x0101,
    'address-unreachable': 0x0103,
    'port-unreachable': 0x0104,
    'packet-too-big': 0x0200,
    'ttl-zero-during-transit': 0x0300,
    'ttl-zero-during-reassembly': 0x0301,
    'bad-header': 0x0400,
    'unknown-header-type': 0x0401,
    'unknown-option': 0x0402,
    'echo-request': 0x8000,
    ping: 0x8000,
    'echo-reply': 0x8100,
    pong: 0x8100,
    'router-solicitation': 0x8500,
    'router-advertisement': 0x8600,
    'neighbour-solicitation': 0x8700,
    'neigbour-solicitation': 0x8700,
    'neighbour-advertisement': 0x8800,
    'neigbour-advertisement': 0x8800,
    redirect: 0x8900,
  }),
);

/** `tcp:80`, `gre:0`, `icmp:8/0`, `icmp:echo-request` as protocol * 65536 + port; null: no such words. */
export function protocolPort(text: string): number | null {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon);
  const protocol = colon < 0 ? 6 : (protocolNames.get(name) ?? numberIn(name, 255));
  if (protocol === null) return null;
  const value = text.slice(colon + 1);
  const isIcmp = protocol === 1 || protocol === 58;
  const port = numberIn(value, 65535) ?? (isIcmp ? icmpValue(value, protocol === 1 ? icmpNames : icmp6Names) : null);
  return port === null ? null : protocol * 65536 + port;
}

function icmpValue(text: string, names: ReadonlyMap<string, number>): number | null {
  const slash = text.indexOf('/');
  if (slash < 0) return names.get(text) ?? null;
  const [type, code] = [numberIn(text.slice(0, slash), 255), numberIn(text.slice(slash + 1), 255)];
  return type === null || code === null ? null : type * 256 + code;
}

/** A decimal number up to a limit. */
export function numberIn(text: string, most: number): number | null {
  if (text.length === 0 || text.length > 5) return null;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value <= most ? value : null;
}
