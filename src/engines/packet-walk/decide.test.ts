import { expect, test } from 'vitest';
import { parseAddress } from '#facts/address.ts';
import type { NftExpression } from '#facts/nft.ts';
import type { Probe, WalkLeg } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { snapshotOfDumps } from '../../../test/kernel/packet-judge/snapshot-of-dumps.ts';
import { snapshotOfNft } from '../../../test/support/walk-nft.ts';
import { openWalker, type Walker } from './index.ts';
import { openModel } from './open-model.ts';

const route = (dst: string, dev: string) => ({ dst, dev, flags: [] });
const dumps = {
  'net/link': JSON.stringify(
    ['lo', 'eth0', 'cali1'].map((ifname) => ({ ifname, mtu: 1500, flags: ['UP', 'LOWER_UP'], link_type: 'ether' })),
  ),
  'net/addr': JSON.stringify([{ ifname: 'eth0', addr_info: [{ local: '192.168.0.1', prefixlen: 24, scope: 'global' }] }]),
  'net/route4': JSON.stringify([
    route('10.0.0.0/24', 'cali1'),
    route('192.168.0.0/24', 'eth0'),
    { ...route('192.168.0.1', 'eth0'), type: 'local', table: 'local' },
  ]),
  'net/rule4': JSON.stringify([
    { priority: 0, src: 'all', table: 'local' },
    { priority: 32766, src: 'all', table: 'main' },
    { priority: 32767, src: 'all', table: 'default' },
  ]),
  'sysctl/net/ipv4/ip_forward': '1',
  'sysctl/net/ipv4/conf/all/rp_filter': '0',
  'sysctl/net/ipv4/conf/eth0/rp_filter': '0',
  'sysctl/net/ipv4/conf/cali1/rp_filter': '0',
  'sysctl/net/ipv4/conf/all/send_redirects': '0',
  'sysctl/net/ipv4/conf/eth0/send_redirects': '0',
};

const legacy = (nat: readonly string[], filter: readonly string[]): string =>
  [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ':SVC - [0:0]',
    ':A - [0:0]',
    ':B - [0:0]',
    ...nat,
    'COMMIT',
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':X - [0:0]',
    ...filter,
    'COMMIT',
    '',
  ].join('\n');

const snapshot = (rules: string, more: Record<string, string> = {}): Snapshot =>
  snapshotOfDumps({ ...dumps, 'netfilter/iptables-legacy-save': rules, ...more });

const at = (text: string): Probe['from'] => parseAddress(text) as Probe['from'];
const probe: Probe = {
  from: at('192.168.0.9'),
  to: at('10.96.0.1'),
  protocol: 6,
  fromPort: 1000,
  toPort: 80,
  inInterface: 'eth0',
  icmp: null,
  tcpFlags: null,
  state: 'NEW',
  mark: 0,
};

/** A walk looks at each rule: what decisions have to agree with. */
const told = ({ verdict, outcomes, out }: WalkLeg): unknown =>
  outcomes === undefined
    ? [verdict, out?.to]
    : outcomes.map((each) => `${each.verdict} ${each.out?.to ?? ''} ${each.probability} ${each.order}`).toSorted();

/** Decisions before, while and after what rules do is learnt. */
function expectSame(walker: Walker, of: Snapshot, ...probes: readonly Probe[]): void {
  const walks = probes.map((each) => told(openWalker(of).walk(each).request));
  for (let round = 0; round < 20; round++) expect(probes.map((each) => told(walker.decide(each)))).toEqual(walks);
}

/** A service of two endpoints. */
const service = [
  '-A PREROUTING -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j SVC',
  '-A SVC -m statistic --mode random --probability 0.25 -j A',
  '-A SVC -j B',
];

const endpoints = [
  '-A A -p tcp -m tcp -j DNAT --to-destination 10.0.0.2:8080',
  '-A B -p tcp -m tcp -j DNAT --to-destination 10.0.0.3:8080',
];
const asDccp = (rule: string): string => rule.replace(/-p tcp -m tcp( --dport 80)?/, '-p dccp');
const fast = (of: Snapshot): Walker => openWalker(of, { learnsAfter: 1 });
const counted = (member: string): string =>
  ['create s hash:ip family inet hashsize 1024 maxelem 65536 counters', `add s ${member} packets 3 bytes 4`, ''].join('\n');

test('a service decides as it walks', () => {
  const of = snapshot(legacy([...service, ...endpoints], []));
  expectSame(fast(of), of, probe);
});

test('what a fan only tries asks nothing of the packet', () => {
  const rules = legacy([...service, '-A A -m set --match-set s src --packets-gt 2 -j ACCEPT', ...endpoints], []);
  const of = snapshot(rules, { 'netfilter/ipset-save': counted('192.168.0.10') });
  const walker = fast(of);
  expectSame(walker, of, probe);
  expectSame(walker, of, { ...probe, from: at('192.168.0.10') });
});

test('what a sibling alone is asked asks nothing of the others', () => {
  const drop = '-A FORWARD -m set ! --match-set s dst --packets-gt 2 -m statistic --mode random --probability 0.5 -j DROP';
  const of = snapshot(legacy([...service, ...endpoints], [drop]), { 'netfilter/ipset-save': counted('10.0.0.3') });
  expectSame(fast(of), of, probe);
  expectSame(openWalker(of, { learnsAfter: 1000 }), of, probe);
});

test('a rule that asks what only rules may ask comes before a fan', () => {
  const rules = legacy(['-A PREROUTING -m set ! --match-set s src -j ACCEPT', ...service, ...endpoints], []);
  const members = ['add s 192.168.0.10 timeout 300', 'add s 192.168.0.11 timeout 0'];
  const sets = ['create s hash:ip family inet hashsize 1024 maxelem 65536 timeout 600', ...members, ''].join('\n');
  const of = snapshot(rules, { 'netfilter/ipset-save': sets });
  const walker = fast(of);
  expectSame(walker, of, probe, { ...probe, from: at('192.168.0.11') });
  expectSame(walker, of, { ...probe, from: at('192.168.0.10') });
});

test('DNAT of ports that not every kernel rewrites stays undecided', () => {
  const of = { ...snapshot(legacy([...service, ...endpoints].map(asDccp), [])), kernel: '6.18.0' };
  expectSame(fast(of), of, { ...probe, protocol: 33 });
});

test('what is learnt for one snapshot does not hold for another of the same rules', () => {
  const rules = legacy([], ['-A FORWARD -m set --match-set l src -j DROP', '-A FORWARD -i eth0 -j ACCEPT']);
  const lists = ['create a hash:ip family inet hashsize 1024 maxelem 65536', 'create l list:set size 8', 'add a 192.168.0.9', ''].join(
    '\n',
  );
  const empty = snapshot(rules, { 'netfilter/ipset-save': lists });
  const full = { ...empty, ipsets: snapshot(rules, { 'netfilter/ipset-save': `${lists}add l a\n` }).ipsets };
  const [first, second] = [fast(empty), fast(full)];
  for (let round = 0; round < 3; round++) {
    expectSame(first, empty, { ...probe, to: at('10.0.0.2') });
    expectSame(second, full, { ...probe, to: at('10.0.0.2') });
  }
});

test('a route that only the destination decides is remembered by it', () => {
  const { routing } = openModel(snapshot(legacy([], [])));
  expect(['10.0.0.2', '192.168.0.7', '172.16.0.1'].map((to) => routing.byDestination(at(to))?.route.interface)).toEqual([
    'cali1',
    'eth0',
    undefined,
  ]);
});

test('ways of which a payload statement made connections of their own are not joined', () => {
  const rewrite: readonly NftExpression[] = [
    { kind: 'numgen', type: 'random', modulus: 4, offset: 0, to: 0 },
    { kind: 'compare', op: 'eq', from: 0, value: Uint8Array.of(0, 0, 0, 0) },
    { kind: 'immediate', to: 0, value: Uint8Array.of(10, 0, 0, 9) },
    { kind: 'payload-set', base: 'network', offset: 16, length: 4, from: 0 },
  ];
  const { nft } = snapshotOfNft([rewrite], { hook: { hook: 'prerouting', priority: -300 } }).kernelRules;
  const legacyOnly = snapshot(legacy([], ['-A FORWARD -m conntrack --ctorigdst 10.0.0.2/32 -j DROP']));
  const of = { ...legacyOnly, kernelRules: { ...legacyOnly.kernelRules, nft } };
  expectSame(fast(of), of, { ...probe, to: at('10.0.0.2') });
});

test('what is asked about one destination leaves the probabilities of its siblings', () => {
  const sets = 'create t hash:ip family inet hashsize 1024 maxelem 65536 timeout 600\nadd t 10.0.0.2 timeout 300\n';
  const both = legacy([...service, ...endpoints], ['-A FORWARD -m set --match-set t dst -j DROP']);
  const range = legacy(
    ['-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.2-10.0.0.3'],
    ['-A FORWARD -m set --match-set t dst -j DROP'],
  );
  for (const rules of [both, range]) {
    const of = snapshot(rules, { 'netfilter/ipset-save': sets });
    expectSame(fast(of), of, probe);
  }
});

test('where not all ways were walked no outcome has a number', () => {
  const half = '-m statistic --mode random --probability 0.5';
  const marks = Array.from({ length: 12 }, (_, i) => `-A FORWARD ${half} -j MARK --set-xmark ${1 << i}/${1 << i}`);
  const of = snapshot(legacy([], [...marks, `-A FORWARD ${half} -j DROP`]));
  for (const { outcomes } of [fast(of).decide({ ...probe, to: at('10.0.0.2') }), fast(of).walk({ ...probe, to: at('10.0.0.2') }).request])
    expect(new Set(outcomes?.map(({ probability }) => probability))).toEqual(new Set([null]));
});

test('the other order of two backends is asked for all destinations of a fan', () => {
  const nft = legacy([...service, ...endpoints], []);
  const one = legacy(['-A PREROUTING -p tcp -m tcp -j DNAT --to-destination 10.0.0.2:8080'], []);
  for (const [first, second] of [
    [nft, one],
    [one, nft],
  ] as const) {
    const of = snapshot(second, { 'netfilter/iptables-nft-save': first });
    expectSame(fast(of), of, probe);
  }
});
