import { expect, test } from 'vitest';
import { judge } from './packet-judge/judge.ts';
import { base, gre, ping, udp } from './packet-judge/packets.ts';
import type { ScenePacket } from './packet-judge/scene.ts';

const six = { from: 'fd01::5', to: 'fd02::5' } as const;
const local = { to: '10.1.0.1' } as const;
const own = { origin: 'host', from: '10.1.0.1', to: '10.1.0.5' } as const;

interface Row {
  readonly title: string;
  /** Chains and sets of a table `inet t`. */
  readonly table: string;
  readonly setup?: readonly string[];
  /** `open`: undecided, with the kernel's verdict among what may be. */
  readonly packets: readonly (readonly [Partial<ScenePacket>, request: 'dropped' | 'delivered' | 'rejected' | 'open'])[];
}

const at = (hook: string, rules: string, priority = '0', type = 'filter'): string =>
  `chain ${hook} { type ${type} hook ${hook} priority ${priority}; policy accept;\n${rules}\n}\n`;
const forward = (rules: string): string => at('forward', rules);

const rows: readonly Row[] = [
  {
    title: 'nft_cmp.c: two negated ports that nft 1.0.6 merged are one comparison: not both, instead of neither',
    table: forward('tcp sport != 20000 tcp dport != 80 drop'),
    packets: [
      [{ fromPort: 20000 }, 'delivered'],
      [{ fromPort: 20000, toPort: 443 }, 'dropped'],
      [{ fromPort: 21000 }, 'dropped'],
    ],
  },
  {
    title: 'nft_payload.c: ports of ICMP and GRE are the bytes that stand there',
    table: forward(
      'ip protocol != gre th sport 0x0800 drop\nip daddr . meta l4proto . th dport != { 10.2.0.5 . tcp . 80, 10.2.0.5 . gre . 7 } counter drop',
    ),
    packets: [
      [{}, 'delivered'],
      [{ toPort: 443 }, 'dropped'],
      [ping, 'dropped'],
      [gre, 'open'],
    ],
  },
  {
    title: 'nf_tables_core.c: a fast load in a later fragment finds data where the header would be, a slow one that there is none',
    table: forward('tcp dport != 443 drop\nudp dport . udp length != { 443 . 7 } drop\n@th,16,32 != 443 meta l4proto sctp drop'),
    packets: [
      [{}, 'dropped'],
      [{ fragment: 'later' }, 'open'],
      [{ ...six, fragment: 'later' }, 'open'],
      [{ protocol: 132, tcpFlags: 0, fragment: 'later' }, 'delivered'],
    ],
  },
  {
    title: 'nft_payload.c: past the end of the packet the rule does not match',
    table: forward('@th,160,8 != 0xff drop'),
    packets: [
      [{}, 'delivered'],
      [{ padding: 4 }, 'open'],
    ],
  },
  {
    title: 'nft_byteorder.c: one byte is no group of two, so that a map of protocol and port finds its key',
    table: forward('meta l4proto . th dport vmap { tcp . 80 : drop, udp . 53 : accept, tcp . 1000-9000 : drop }'),
    packets: [
      [{}, 'dropped'],
      [{ toPort: 9001 }, 'delivered'],
      [{ toPort: 9000 }, 'dropped'],
      [{ ...udp, toPort: 53 }, 'delivered'],
    ],
  },
  {
    title: 'nft_meta.c: a name is compared whole, a wildcard as its beginning',
    table: forward('iifname "tun" drop\noifname "tunB" iifname "tunA*" tcp dport 80 drop'),
    packets: [
      [{}, 'dropped'],
      [{ toPort: 443 }, 'delivered'],
    ],
  },
  {
    title: 'nft_meta.c: without a device names are empty and indices 0, and a type does not match even negated',
    table: at('output', 'iifname != "tunA" tcp dport 80 drop\niif != 1 tcp dport 443 drop\niiftype != 1 drop\niifgroup != 7 drop'),
    packets: [
      [own, 'dropped'],
      [{ ...own, toPort: 443 }, 'dropped'],
      [{ ...own, toPort: 53 }, 'delivered'],
    ],
  },
  {
    title: 'nft_meta.c: marks are compared as memcmp orders them, once nft has turned them round',
    table: `${at('prerouting', 'tcp dport 80 meta mark set 0x1ff\ntcp dport 443 meta mark set meta mark lshift 4', '-150')}${forward('meta mark < 0x200 meta mark > 0x1fe drop\nmeta mark 0x20 drop')}`,
    packets: [
      [{}, 'dropped'],
      [{ toPort: 443 }, 'delivered'],
    ],
  },
  {
    title: 'nft_ct.c: before conntrack a packet is INVALID and has nothing that could differ',
    table: at('prerouting', 'ct mark != 5 drop\nct direction != reply drop\ntcp dport 80 ct state invalid drop', '-300'),
    packets: [
      [{}, 'dropped'],
      [{ toPort: 443 }, 'delivered'],
    ],
  },
  {
    title: 'nft_ct.c: status, addresses and ports of both directions after DNAT',
    table: `${at('prerouting', 'dnat ip to 10.2.9.1', '-100', 'nat')}${forward(
      'tcp dport 80 ct status dnat ct original ip daddr 10.2.0.5 ct reply ip saddr 10.2.9.1 drop\ntcp dport 443 ct reply proto-dst 20001 drop\nct status snat drop\nct status confirmed drop\nct status seen-reply drop',
    )}`,
    packets: [
      [{}, 'dropped'],
      [{ toPort: 443, fromPort: 20001 }, 'dropped'],
      [{ toPort: 53 }, 'delivered'],
    ],
  },
  {
    title: 'nft_ct.c: the mark of the connection is there for the reply',
    table: `${at('prerouting', 'iifname "tunA" ct mark set 7', '-150')}${forward('iifname "tunB" ct mark 7 ct state established ct direction reply drop')}`,
    packets: [[{}, 'delivered']],
  },
  {
    title: 'nft_lookup.c: a catch-all is as good as an element, so that no negated look-up holds',
    table: `set s { type ipv4_addr; elements = { 10.1.0.5, * } }\n${forward('ip saddr @s tcp dport 443 drop\nip saddr != @s tcp dport 80 drop')}`,
    packets: [
      [{}, 'delivered'],
      [{ from: '10.1.0.6' }, 'delivered'],
      [{ from: '10.1.0.6', toPort: 443 }, 'dropped'],
    ],
  },
  {
    title: 'nft_set_pipapo.c: concatenated intervals, field by field',
    table: `set s { type ipv4_addr . inet_service; flags interval; elements = { 10.1.0.0/24 . 80-90, 10.1.0.0/16 . 443, 10.1.0.6 . 1-65535 } }\n${forward('ip saddr . tcp dport @s drop')}`,
    packets: [
      [{}, 'dropped'],
      [{ toPort: 443 }, 'dropped'],
      [{ toPort: 100 }, 'delivered'],
      [{ from: '10.1.7.9' }, 'delivered'],
      [{ from: '10.1.7.9', toPort: 443 }, 'dropped'],
      [{ from: '10.1.0.6', toPort: 100 }, 'dropped'],
    ],
  },
  {
    title: 'nft_dynset.c: what a rule adds is there for the next one, and a full set ends the rule',
    table: `set s { type ipv4_addr; size 1; flags dynamic; elements = { 10.9.9.9 } }\nset e { type ipv4_addr; size 9; flags dynamic; }\n${forward('tcp dport 80 add @s { ip saddr } drop\ntcp dport 443 add @e { ip saddr } drop')}`,
    packets: [
      [{}, 'open'],
      [{ toPort: 443 }, 'dropped'],
    ],
  },
  {
    title: 'nft_fib_ipv4.c: types of addresses, and whether the route back leads to where the packet came from',
    table: at(
      'prerouting',
      'fib daddr type local tcp dport 80 drop\nfib saddr . iif oif missing drop\nfib daddr . iif type != local udp dport 53 drop',
      '-150',
    ),
    packets: [
      [local, 'dropped'],
      [{}, 'delivered'],
      [{ from: '10.2.9.1' }, 'dropped'],
      [{ ...udp, toPort: 53, to: '10.2.0.1' }, 'dropped'],
      [{ ...udp, toPort: 53, to: '10.1.0.1' }, 'delivered'],
    ],
  },
  {
    title: 'nft_fib_ipv6.c: an address without a route is unreachable, one of the node local',
    table: at(
      'prerouting',
      'fib daddr type unreachable udp dport 53 drop\nfib daddr type local tcp dport 80 drop\nfib saddr . iif oif missing drop\nfib saddr type 7 drop',
      '-150',
    ),
    packets: [
      [{ ...six, to: 'fd0f::1', ...udp, toPort: 53 }, 'dropped'],
      [{ ...six, to: 'fd01::1' }, 'dropped'],
      [six, 'delivered'],
      [{ ...six, from: 'fd02::9:1' }, 'dropped'],
    ],
  },
  {
    title: 'nft_exthdr.c: extension headers of what has none, and of a fragment',
    table: forward('tcp dport 80 exthdr frag missing drop\nexthdr frag exists drop\ntcp option maxseg exists drop'),
    packets: [
      [{ ...six, ...udp }, 'delivered'],
      [six, 'dropped'],
      [{ ...six, ...udp, fragment: 'later' }, 'dropped'],
      [udp, 'delivered'],
      [{}, 'open'],
    ],
  },
  {
    title: 'nft_payload.c: header fields that are set are what later rules see',
    table: `${at('prerouting', 'tcp dport 80 ip ttl set 20\ntcp dport 443 ip dscp set cs1', '-150')}${forward('ip ttl 19 drop\nip dscp cs1 drop')}`,
    packets: [
      [{}, 'dropped'],
      [{ toPort: 443 }, 'dropped'],
      [{ toPort: 53 }, 'delivered'],
    ],
  },
  {
    title: 'nft_payload.c: a port that is set in a header without its checksum',
    table: forward('tcp dport set 8080'),
    packets: [
      [{}, 'delivered'],
      [{ cut: 8 }, 'delivered'],
    ],
  },
  {
    title: 'a request that may have been rewritten as nobody can tell has no reply that is certain',
    table: at('input', 'ct state new numgen random mod 2 0 tcp dport set 8080', '50'),
    packets: Array.from({ length: 6 }, () => [local, 'open'] as const),
  },
  {
    title: 'nft_payload.c: without conntrack a destination that is set is where the packet goes',
    table: at('prerouting', 'ip daddr 10.96.0.1 ip daddr set 10.2.0.6', '-300'),
    packets: [[{ to: '10.96.0.1' }, 'delivered']],
  },
  {
    title: 'nft_nat.c: nat to an address of another family lets the rule go on',
    table: at(
      'prerouting',
      'tcp dport 80 dnat ip6 to fd02::9 \ntcp dport 80 dnat ip to 10.2.9.1\ntcp dport 443 redirect to :8080',
      '-100',
      'nat',
    ),
    packets: [
      [{}, 'delivered'],
      [{ to: '10.1.0.1', toPort: 443 }, 'delivered'],
      [six, 'delivered'],
    ],
  },
  {
    title: 'nft_nat.c: nat of IPv4 in an inet table turns conntrack on for IPv4 only, so that no nat chain sees IPv6',
    table: 'chain p { type nat hook prerouting priority -100; policy drop;\ntcp dport 80 dnat ip to 10.2.9.1\n}',
    packets: [
      [{ toPort: 443 }, 'dropped'],
      [six, 'delivered'],
    ],
  },
  {
    title: 'nft_tproxy.c: without a socket the rule ends',
    table: at('prerouting', 'meta l4proto { tcp, udp } tproxy to :9999 accept\ndrop', '-150'),
    packets: [
      [{}, 'open'],
      [gre, 'dropped'],
    ],
  },
  {
    title: 'nft_numgen.c, nft_limit.c: chance and state have every outcome',
    table: forward(
      'tcp dport 80 numgen inc mod 2 0 drop\ntcp dport 443 limit rate over 1/hour burst 1 packets drop\nudp dport 53 numgen random mod 1 0 drop',
    ),
    packets: [
      [{}, 'open'],
      [{}, 'open'],
      [{ toPort: 443 }, 'open'],
      [{ ...udp, toPort: 53 }, 'dropped'],
    ],
  },
  {
    title: 'nft_meta.c: whose socket sent it is known only to the node, and nothing that comes in has one',
    table: `${at('output', 'meta skuid 0 tcp dport 80 drop')}${at('input', 'meta skuid != 77 tcp dport 80 drop')}`,
    packets: [
      [own, 'open'],
      [local, 'delivered'],
    ],
  },
  {
    title: 'nf_tables_core.c: accept ends one base chain, a return from it takes the policy, a goto comes back to the caller of the caller',
    table: `chain leaf { return; }\nchain middle { goto leaf; tcp dport 80 drop; }\n${forward('jump middle\ntcp dport 443 drop\naccept')}`,
    packets: [
      [{}, 'delivered'],
      [{ toPort: 443 }, 'dropped'],
    ],
  },
];

const judged = judge(
  rows.map(({ table, setup, packets }) => ({
    setup: ['ip route add 10.96.0.0/16 dev tunB', ...(setup ?? [])],
    rules: {},
    nftFirst: false,
    native: `table inet t {\n${table}\n}\n`,
    packets: packets.map(([packet], i) => ({ ...base, fromPort: 20_100 + i, ...packet })),
  })),
);

test.each(rows.map((row, i) => ({ ...row, i })))('$title', ({ packets, i }) => {
  const found = judged[i]?.judged ?? [];
  expect(found.map(({ wrong }) => wrong)).toEqual(packets.map(() => null));
  expect(found.map(({ walk }) => walk.request.verdict)).toEqual(
    packets.map(([, expected]) => (expected === 'open' ? 'undecided' : expected)),
  );
});

test('nft_hash.c: jhash with a seed is computed as the kernel does: of four rules one drops', () => {
  const buckets = [0, 1, 2, 3];
  const rules = buckets.map((bucket) => `tcp dport ${1000 + bucket} jhash ip saddr . ip daddr mod 4 seed 0x1234 ${bucket} drop`);
  const packets = ['10.1.0.5', '10.1.0.6', '10.1.7.9'].flatMap((from) =>
    buckets.map((bucket) => ({ ...base, from, toPort: 1000 + bucket })),
  );
  const native = `table inet t {\n${forward(rules.join('\n'))}\n}\n`;
  const [found] = judge([{ setup: [], rules: {}, nftFirst: false, native, packets }]);
  expect(found?.judged.map(({ wrong }) => wrong)).toEqual(packets.map(() => null));
  expect(found?.judged.filter(({ walk }) => walk.request.verdict === 'dropped')).toHaveLength(3);
});
