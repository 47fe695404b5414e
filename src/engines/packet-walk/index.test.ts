import { describe, expect, test } from 'vitest';
import { parseAddress } from '#facts/address.ts';
import type { Link } from '#facts/network.ts';
import type { Probe, RuleSelector } from '#facts/packet-walk.ts';
import { missing, read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { readNativeChains } from '#formats/nft-json.ts';
import { snapshotOfDumps } from '../../../test/kernel/packet-judge/snapshot-of-dumps.ts';
import { openWalker } from './index.ts';

const route = (dst: string, dev: string) => ({ dst, dev, flags: [] });
const dumps = {
  'net/link': JSON.stringify(['lo', 'eth0', 'cali1'].map((ifname) => ({ ifname, mtu: 1500, flags: ['UP', 'LOWER_UP'] }))),
  'net/addr': JSON.stringify([{ ifname: 'eth0', addr_info: [{ local: '192.168.0.1', prefixlen: 24, scope: 'global' }] }]),
  'net/route4': JSON.stringify([
    route('10.0.0.2', 'cali1'),
    route('192.168.0.0/24', 'eth0'),
    { ...route('192.168.0.1', 'eth0'), type: 'local', table: 'local' },
  ]),
  'net/rule4': JSON.stringify([
    { priority: 0, src: 'all', table: 'local' },
    { priority: 32766, src: 'all', table: 'main' },
  ]),
  'sysctl/net/ipv4/ip_forward': '1',
  'sysctl/net/ipv4/conf/all/rp_filter': '0',
  'sysctl/net/ipv4/conf/eth0/rp_filter': '0',
  'sysctl/net/ipv4/conf/cali1/rp_filter': '0',
};

const rules = JSON.parse(dumps['net/rule4']) as readonly object[];

/** The links of the snapshot, one of them changed. */
function linksWith(changed: Partial<Link>): Snapshot['links'] {
  const { links } = snapshotOfDumps(dumps);
  if (links.kind === 'missing') return links;
  return read(
    links.value.map((link) => (link.name === changed.name ? { ...link, ...changed } : link)),
    '',
  );
}

function nativeOf(object: string): Snapshot['nativeChains'] {
  const chains = readNativeChains(`{"nftables":[${object}]}`, 'nft-ruleset.json');
  return chains.ok ? read(chains.value, '') : missing('', 'unreadable');
}

const filter = (...rules: readonly string[]): string =>
  ['*filter', ':INPUT ACCEPT [0:0]', ':FORWARD ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ':L - [0:0]', ...rules, 'COMMIT', ''].join('\n');

function snapshot(legacy: string, changes: Partial<Snapshot> = {}): Snapshot {
  return { ...snapshotOfDumps({ ...dumps, 'netfilter/iptables-legacy-save': legacy }), ...changes };
}

const probe: Probe = {
  from: parseAddress('192.168.0.9') as Probe['from'],
  to: parseAddress('10.0.0.2') as Probe['to'],
  protocol: 6,
  fromPort: 1000,
  toPort: 80,
  inInterface: null,
  icmp: null,
  tcpFlags: null,
  state: 'NEW',
  mark: 0,
};

const verdictOf = (of: Snapshot, without: readonly RuleSelector[] = []): readonly (string | undefined)[] => {
  const { request, reply, undecided } = openWalker(of, { without }).walk(probe);
  return [request.verdict, reply?.verdict, undecided[0]?.because];
};

test.each<readonly [title: string, of: Snapshot, expected: readonly (string | undefined)[]]>([
  ['PW1 with everything read the walk is decided', snapshot(filter()), ['delivered', 'delivered', undefined]],
  [
    'PW1 a dump that is missing is undecided, never empty',
    snapshot(filter(), { rulesets: { ...snapshot('').rulesets, nft: { ip: missing('nft', 'EAGAIN'), ip6: missing('nft', 'EAGAIN') } } }),
    ['undecided', undefined, 'nft: EAGAIN'],
  ],
  [
    'PW1 routes that are missing are undecided',
    snapshot(filter(), { routes: missing('net/route.json', 'no ip') }),
    ['undecided', undefined, "the node's routes are not in the snapshot: net/route.json: no ip"],
  ],
  [
    'PW1 an unmodelled match that changes nothing is decided',
    snapshot(filter('-A FORWARD -m string --string x --algo bm -j ACCEPT')),
    ['delivered', 'delivered', undefined],
  ],
  [
    'PW1 an unmodelled match before a drop is undecided and named',
    snapshot(filter('-A FORWARD -m string --string x --algo bm -j DROP')),
    ['undecided', 'undecided', 'match string is not modelled: -m string --string x --algo bm'],
  ],
  [
    'PW1 a set that is not in the snapshot is undecided',
    snapshot(filter('-A FORWARD -m set --match-set s src -j DROP')),
    ['undecided', 'undecided', 'ipset s is not in '],
  ],
  [
    'PW17 a native chain on the way is undecided',
    snapshot(filter(), {
      nativeChains: read(
        [
          {
            family: 'inet',
            table: 'fw',
            chain: 'f',
            hook: 'forward',
            type: 'filter',
            priority: 0,
            policy: 'accept',
            ruleCount: 1,
            inert: false,
          },
        ],
        '',
      ),
    }),
    ['undecided', undefined, 'native nftables chains are known by name only'],
  ],
  [
    'PW17 a flowtable is undecided',
    snapshot(filter(), {
      nativeChains: nativeOf('{"flowtable":{"family":"inet","table":"fw","name":"ft","hook":"ingress","prio":0,"dev":["eth0"]}}'),
    }),
    ['undecided', undefined, 'flowtables are not modelled'],
  ],
  [
    'PW19 an XDP program on the input interface is undecided',
    snapshot(filter(), { links: linksWith({ name: 'eth0', xdp: true }) }),
    ['undecided', undefined, 'an XDP program on eth0 sees the packet first: not modelled'],
  ],
  [
    'PW6 a marked packet whose route back depends on src_valid_mark, which is missing, is undecided',
    snapshot(filter().replace('*filter', '*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j MARK --set-mark 1\nCOMMIT\n*filter'), {
      routingRules: snapshotOfDumps({ 'net/rule4': JSON.stringify([...rules, { priority: 100, src: 'all', fwmark: '0x7', table: 'x' }]) })
        .routingRules,
    }),
    ['undecided', undefined, 'src_valid_mark of eth0 is not in the snapshot, and the packet has a mark'],
  ],
  [
    'PW5 a route that encapsulates is undecided',
    snapshot(filter(), {
      routes: snapshotOfDumps({
        'net/route4': JSON.stringify([route('192.168.0.0/24', 'eth0'), { ...route('10.0.0.2', 'cali1'), encap: 'mpls' }]),
      }).routes,
    }),
    ['undecided', undefined, "the route has 'encap', which is not modelled"],
  ],
  [
    'PW4 a loop through goto is bounded',
    snapshot(filter('-A FORWARD -g L', '-A L -g L')),
    ['undecided', undefined, 'too many rules looked at: a loop, or too many open questions'],
  ],
])('%s', (_title, of, expected) => {
  expect(verdictOf(of)).toEqual(expected);
});

test('PW15 a random drop has both outcomes with their probabilities', () => {
  const { request } = openWalker(snapshot(filter('-A FORWARD -m statistic --mode random --probability 0.25 -j DROP'))).walk(probe);
  expect([request.because, request.outcomes?.map(({ verdict, probability }) => [verdict, probability])]).toEqual([
    'outcome-depends',
    [
      ['dropped', 0.25],
      ['delivered', 0.75],
    ],
  ]);
});

test('PW18 rules that a selector fits are left out', () => {
  const of = snapshot(filter('-A FORWARD -i eth0 -j DROP'));
  expect(verdictOf(of)).toEqual(['dropped', undefined, undefined]);
  expect(verdictOf(of, [{ backend: 'legacy', table: 'filter', chain: 'FORWARD', rule: 1 }])).toEqual(['delivered', 'delivered', undefined]);
  expect(verdictOf(of, [{ backend: 'nft' }])).toEqual(['dropped', undefined, undefined]);
});

describe('PW19 where the route leads back by the interface of arrival', () => {
  const same = (change: Partial<Link>): Snapshot => snapshot(filter(), { links: linksWith({ name: 'eth0', ...change }) });
  const neighbour = { ...probe, to: parseAddress('192.168.0.7') as Probe['to'] };
  test.each<readonly [string, Snapshot, string]>([
    ['a bridge is undecided', same({ kind: 'bridge' }), 'undecided'],
    ['an interface of unknown kind is undecided', same({}), 'undecided'],
    ['another interface is routed', same({ kind: 'ipip' }), 'delivered'],
  ])('%s', (_title, of, expected) => {
    expect(openWalker(of).walk(neighbour).request.verdict).toBe(expected);
  });
});

test('PW19 with kube-ipvs0 there, what the node receives is undecided: IPVS may take it', () => {
  const { links } = snapshotOfDumps(dumps);
  const ipvs = links.kind === 'read' ? [...links.value, { ...(links.value[0] as Link), name: 'kube-ipvs0', kind: 'dummy' }] : [];
  const { request, undecided } = openWalker(snapshot(filter(), { links: read(ipvs, '') })).walk({
    ...probe,
    to: parseAddress('192.168.0.1') as Probe['to'],
  });
  expect([request.verdict, undecided[0]?.because]).toEqual([
    'undecided',
    'there is kube-ipvs0: whether IPVS takes the packet is not modelled',
  ]);
});
