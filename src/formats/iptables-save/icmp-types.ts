import type { PortRange } from '#facts/rule.ts';
import { own } from './own.ts';
import { UnreadableValue } from './values.ts';

/** Names that iptables takes for `--icmp-type` and `--icmpv6-type`, as [type, code?]. iptables-save prints numbers. */
const names: Readonly<Record<4 | 6, Readonly<Record<string, readonly [number, number?]>>>> = {
  4: {
    any: [255],
    'echo-reply': [0],
    pong: [0],
    'destination-unreachable': [3],
    'network-unreachable': [3, 0],
    'host-unreachable': [3, 1],
    'protocol-unreachable': [3, 2],
    'port-unreachable': [3, 3],
    'fragmentation-needed': [3, 4],
    'source-quench': [4],
    redirect: [5],
    'echo-request': [8],
    ping: [8],
    'router-advertisement': [9],
    'router-solicitation': [10],
    'time-exceeded': [11],
    'ttl-exceeded': [11],
    'parameter-problem': [12],
    'timestamp-request': [13],
    'timestamp-reply': [14],
  },
  6: {
    'destination-unreachable': [1],
    'packet-too-big': [2],
    'time-exceeded': [3],
    'parameter-problem': [4],
    'echo-request': [128],
    ping: [128],
    'echo-reply': [129],
    pong: [129],
    'router-solicitation': [133],
    'router-advertisement': [134],
    'neighbour-solicitation': [135],
    'neighbor-solicitation': [135],
    'neighbour-advertisement': [136],
    'neighbor-advertisement': [136],
    redirect: [137],
  },
};

/** `8`, `3/1`, `any` or a name. `codes` null: any code. */
export function icmpType(text: string, version: 4 | 6): { readonly type: number; readonly codes: PortRange | null } {
  const parts = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(text);
  const [type, code] =
    parts === null ? (own(names[version], text) ?? []) : [Number(parts[1]), parts[2] === undefined ? undefined : Number(parts[2])];
  // 255 is any type in IPv4 only (ip_tables.c icmp_match against ip6_tables.c icmp6_match); the facts cannot tell the two apart.
  if (type === undefined || (version === 6 && type === 255) || type > 255 || (code ?? 0) > 255)
    throw new UnreadableValue(`ICMP type '${text}'`);
  return { type, codes: code === undefined ? null : { first: code, last: code } };
}
