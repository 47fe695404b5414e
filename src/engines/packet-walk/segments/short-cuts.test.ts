import { expect, test } from 'vitest';
import { parseAddress } from '#facts/address.ts';
import type { NftExpression, NftRule } from '#facts/nft.ts';
import type { Probe } from '#facts/packet-walk.ts';
import { read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { decisionText } from '../../../../test/kernel/packet-judge/decision-text.ts';
import { snapshotOfDumps } from '../../../../test/kernel/packet-judge/snapshot-of-dumps.ts';
import { podNode } from '../../../../test/support/pod-node.ts';
import { address, ruleOf, snapshotOfNft, tcp } from '../../../../test/support/walk-nft.ts';
import { openWalker, type Walker } from '../index.ts';

const pods = podNode(2);
const localNet = { dst: '127.0.0.0/8', dev: 'lo', type: 'local', table: 'local', flags: [] };
const dumps = {
  ...pods,
  'net/route4': JSON.stringify([...(JSON.parse(pods['net/route4'] ?? '[]') as readonly object[]), localNet]),
  'net/rule4': JSON.stringify([
    { priority: 0, src: 'all', table: 'local' },
    { priority: 32766, src: 'all', table: 'main' },
    { priority: 32767, src: 'all', table: 'default' },
  ]),
  ...Object.fromEntries(
    ['all', 'lo', 'eth0', 'cali1', 'cali2'].flatMap((name) =>
      ['accept_local', 'send_redirects', 'route_localnet'].map((each) => [`sysctl/net/ipv4/conf/${name}/${each}`, '0']),
    ),
  ),
};

const table = (name: string, hooks: readonly string[], rules: readonly string[], chains: readonly string[] = []): string =>
  [`*${name}`, ...hooks.map((hook) => `:${hook} ACCEPT [0:0]`), ...chains.map((chain) => `:${chain} - [0:0]`), ...rules, 'COMMIT', ''].join(
    '\n',
  );
const nat = (rules: readonly string[], chains?: readonly string[]): string =>
  table('nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], rules, chains);
const filter = (rules: readonly string[], chains?: readonly string[]): string =>
  table('filter', ['INPUT', 'FORWARD', 'OUTPUT'], rules, chains);
const snapshotOf = (rules: string): Snapshot =>
  snapshotOfDumps({ ...dumps, 'netfilter/iptables-legacy-save': rules, 'netfilter/iptables-nft-save': '' });

const probe = (from: string, to: string, inInterface: string | null): Probe => ({
  ...tcp,
  from: parseAddress(from) ?? tcp.from,
  to: parseAddress(to) ?? tcp.to,
  fromPort: 40_000,
  inInterface,
});
const decided = (walker: Walker, asked: Probe): string => decisionText(walker.decide(asked));
const walked = (snapshot: Snapshot, asked: Probe): string => decisionText(openWalker(snapshot).walk(asked).request);

test('PW27 what one rule was told is not told to another of its run', () => {
  const snapshot = snapshotOf(
    nat(['-A POSTROUTING -o lo -j SNAT --to-source 192.168.0.1 --random-fully']) +
      filter(['-A INPUT -p tcp -m tcp --sport 1000:2000 -j ACCEPT', '-A INPUT -p tcp -m tcp --sport 3000:4000 -j DROP']),
  );
  const [foreign, own] = [probe('192.168.0.7', '192.168.0.1', 'eth0'), probe('192.168.0.1', '192.168.0.1', null)];
  const walker = openWalker(snapshot, { learnsAfter: 0 });
  for (let i = 0; i < 12; i++) walker.decide(foreign);
  expect(decided(walker, own)).toContain('dropped');
  expect(decided(walker, own)).toBe(walked(snapshot, own));
});

test('PW27 a choice of destinations behind very many jumps is no short cut into the wrong hook', () => {
  const depth = 2100;
  const chains = Array.from({ length: depth }, (_, i) => `C${i}`);
  const service = [
    `-A C${depth - 1} -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j SVC`,
    `-A C${depth - 1} -p tcp -j DNAT --to-destination 10.9.0.9:99`,
    '-A SVC -m statistic --mode random --probability 0.5 -j S0',
    '-A SVC -j S1',
    '-A S0 -p tcp -j DNAT --to-destination 10.9.0.1:8080',
    '-A S1 -p tcp -j DNAT --to-destination 10.9.0.2:8080',
  ];
  const jumps = ['-A PREROUTING -j C0', ...chains.slice(1).map((chain, i) => `-A C${i} -j ${chain}`)];
  const snapshot = snapshotOf(
    nat([...jumps, ...service], [...chains, 'SVC', 'S0', 'S1']) +
      filter(['-A FORWARD -d 10.9.0.2/32 -j DROP', '-A FORWARD -p tcp -m tcp --dport 8080 -j REJECT']),
  );
  const asked = probe('10.0.0.1', '10.96.0.1', 'cali1');
  const walker = openWalker(snapshot, { learnsAfter: 0 });
  const expected = walked(snapshot, asked);
  expect(expected).toContain('dropped');
  for (let i = 0; i < 20; i++) expect(decided(walker, asked)).toBe(expected);
});

test('PW15 a way that is left at the bound is not forgotten', () => {
  const half = '-m statistic --mode random --probability 0.5';
  const marks = Array.from({ length: 11 }, (_, i) => `-A U ${half} -j MARK --set-xmark ${1 << i}/${1 << i}`);
  const snapshot = snapshotOf(filter([`-A FORWARD ${half} -g U`, '-A FORWARD -j DROP', ...marks], ['U']));
  const asked = probe('10.0.0.1', '10.0.0.2', 'cali1');
  expect(openWalker(snapshot).walk(asked).request.verdict).toBe('undecided');
  expect(openWalker(snapshot).decide(asked).verdict).toBe('undecided');
});

test('PW27 a condition on an address and on what the run has written is asked behind the write', () => {
  const snapshot = snapshotOfDumps({
    ...dumps,
    'netfilter/iptables-legacy-save': filter(['-A FORWARD -j MARK --set-xmark 0x5/0xf', '-A FORWARD -m set --match-set m src,src -j DROP']),
    'netfilter/iptables-nft-save': '',
    'netfilter/ipset-save': 'create m hash:ip,mark family inet markmask 0xffffffff hashsize 1024 maxelem 65536\nadd m 10.0.0.1,0x5\n',
  });
  const asked = probe('10.0.0.1', '10.0.0.2', 'cali1');
  const walker = openWalker(snapshot, { learnsAfter: 0 });
  for (let i = 0; i < 4; i++) expect(walker.decide(asked).verdict).toBe('dropped');
});

test.each(['src,dst', 'dst,src'])('PW27 a condition on both ends of a service is asked for each source: %s', (directions) => {
  const snapshot = snapshotOfDumps({
    ...dumps,
    'netfilter/iptables-legacy-save':
      nat(
        [
          '-A PREROUTING -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j SVC',
          '-A SVC -m statistic --mode random --probability 0.5 -j S0',
          '-A SVC -j S1',
          '-A S0 -p tcp -j DNAT --to-destination 10.9.0.1:8080',
          '-A S1 -p tcp -j DNAT --to-destination 10.9.0.2:8080',
        ],
        ['SVC', 'S0', 'S1'],
      ) + filter([`-A FORWARD -m set --match-set pairs ${directions} -j DROP`]),
    'netfilter/iptables-nft-save': '',
    'netfilter/ipset-save': [
      'create pairs hash:net,net family inet hashsize 1024 maxelem 65536',
      ...['10.9.0.1', '10.9.0.2'].map((to) => `add pairs ${directions === 'src,dst' ? `10.0.0.2,${to}` : `${to},10.0.0.2`}`),
      '',
    ].join('\n'),
  });
  const walker = openWalker(snapshot, { learnsAfter: 0 });
  for (let i = 0; i < 12; i++)
    for (const [from, verdict] of [
      ['10.0.0.1', 'delivered'],
      ['10.0.0.2', 'dropped'],
    ] as const) {
      const { outcomes, verdict: found } = walker.decide(probe(from, '10.96.0.1', from === '10.0.0.1' ? 'cali1' : 'cali2'));
      expect([...new Set(outcomes?.map((each) => each.verdict) ?? [found])]).toEqual([verdict]);
    }
});

test('PW27 a set by source and destination tells the endpoints of a service apart', () => {
  const snapshot = snapshotOfDumps({
    ...dumps,
    'netfilter/iptables-legacy-save':
      nat(
        [
          '-A PREROUTING -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j SVC',
          '-A SVC -m statistic --mode random --probability 0.5 -j S0',
          '-A SVC -j S1',
          '-A S0 -p tcp -j DNAT --to-destination 10.9.0.1:8080',
          '-A S1 -p tcp -j DNAT --to-destination 10.9.0.2:8080',
        ],
        ['SVC', 'S0', 'S1'],
      ) + filter(['-A FORWARD -m set --match-set pairs src,dst -j DROP']),
    'netfilter/iptables-nft-save': '',
    'netfilter/ipset-save': 'create pairs hash:net,net family inet hashsize 1024 maxelem 65536\nadd pairs 10.0.0.1,10.9.0.2\n',
  });
  const asked = probe('10.0.0.1', '10.96.0.1', 'cali1');
  const walker = openWalker(snapshot, { learnsAfter: 0 });
  expect(walked(snapshot, asked)).toContain('dropped');
  for (let i = 0; i < 12; i++) expect(decided(walker, asked)).toBe(walked(snapshot, asked));
});

test('PW27 what the rules of a service looked at tells packets apart', () => {
  const snapshot = snapshotOf(
    nat(
      [
        '-A PREROUTING -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j SVC',
        '-A SVC -m statistic --mode random --probability 0.5 -j S0',
        '-A SVC -j S1',
        '-A S0 -m mark --mark 0x1/0x1 -j ACCEPT',
        '-A S0 -p tcp -j DNAT --to-destination 10.9.0.1:8080',
        '-A S1 -p tcp -j DNAT --to-destination 10.9.0.2:8080',
      ],
      ['SVC', 'S0', 'S1'],
    ),
  );
  const walker = openWalker(snapshot, { learnsAfter: 0 });
  const plain = probe('10.0.0.1', '10.96.0.1', 'cali1');
  for (let i = 0; i < 6; i++) walker.decide(plain);
  const marked = { ...plain, mark: 1 };
  expect(walked(snapshot, marked)).toContain('10.96.0.1:80');
  expect(decided(walker, marked)).toBe(walked(snapshot, marked));
});

test('PW27 who stands at a rule by another jump returns elsewhere', () => {
  const snapshot = snapshotOf(
    filter(
      [
        '-A FORWARD -i cali1 -j U',
        '-A FORWARD -m mark --mark 0x1/0x1 -j DROP',
        '-A FORWARD -j U',
        '-A U -j MARK --set-xmark 0x1/0x1',
        '-A U -s 10.0.0.9/32 -m mark --mark 0x1/0x1 -j REJECT',
      ],
      ['U'],
    ),
  );
  const walker = openWalker(snapshot, { learnsAfter: 0 });
  for (let i = 0; i < 4; i++) {
    expect(walker.decide(probe('10.0.0.1', '10.0.0.2', 'cali1')).verdict).toBe('dropped');
    expect(walker.decide(probe('10.0.0.2', '10.0.0.1', 'cali2')).verdict).toBe('delivered');
  }
});

/** Two base chains go to one chain of their table, each without a way back. */
test('PW27 who came to a chain from one base chain does not go on from another', () => {
  const bytes = (value: number): Uint8Array => Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
  const masked = (mask: number, xor: number): readonly NftExpression[] => [
    { kind: 'meta', key: 'mark', to: 0 },
    { kind: 'bitwise', from: 0, to: 0, length: 4, mask: bytes(mask), xor: bytes(xor) },
  ];
  const add = (bit: number): readonly NftExpression[] => [...masked(~bit >>> 0, bit), { kind: 'meta-set', key: 'mark', from: 0 }];
  const has = (bit: number): readonly NftExpression[] => [...masked(bit, 0), { kind: 'compare', op: 'eq', from: 0, value: bytes(bit) }];
  const goto: NftExpression = { kind: 'verdict', verdict: { kind: 'goto', chain: 'U' } };
  const isIn: NftExpression = {
    kind: 'xt-match',
    name: 'set',
    revision: 0,
    info: new Uint8Array(),
    text: '-m set --match-set t dst',
    matches: [{ kind: 'set', name: 't', directions: ['dst'], negated: false, returnNomatch: false, counterOptions: '' }],
  };
  const half: NftExpression = {
    kind: 'xt-match',
    name: 'statistic',
    revision: 0,
    info: new Uint8Array(),
    text: '-m statistic --mode random --probability 0.5',
    matches: [{ kind: 'statistic', mode: 'random', probability: 0.5, negated: false }],
  };
  const snapshot = snapshotOfNft([], { hook: { hook: 'forward', priority: 0 } });
  const rules = snapshot.kernelRules.nft;
  if (rules.kind !== 'read') throw new Error(rules.because);
  const chain = (name: string, expressions: readonly (readonly NftExpression[])[], handle: number, isBase: boolean) => {
    const own: readonly NftRule[] = expressions.map((each, i) => ruleOf(each, i + 1));
    const base = isBase ? ({ hook: 'forward', type: 'filter', priority: 0, devices: [] } as const) : null;
    const common = { packets: null, bytes: null, line: 1, ruleCount: own.length, rules: own, jumps: null };
    return [name, { ...common, name, handle, base, policy: isBase ? ('accept' as const) : null }] as const;
  };
  const chains = new Map([
    chain('A', [[goto]], 9, true),
    chain('B', [[...has(0x10), ...add(0x20)], add(0x10), [goto]], 1, true),
    chain('U', [add(1), [isIn, half, ...add(0x100)], [{ kind: 'verdict', verdict: { kind: 'accept' } }]], 3, false),
  ]);
  const { ipsets } = snapshotOfDumps({
    'netfilter/ipset-save':
      'create t hash:ip family inet hashsize 1024 maxelem 65536 timeout 600\nadd t 10.0.0.2 timeout 300\nadd t 10.0.0.3 timeout 0\n',
  });
  const ruleset = { ...rules.value, tables: rules.value.tables.map((each) => ({ ...each, chains })) };
  const both = { ...snapshot, ipsets, kernelRules: { ...snapshot.kernelRules, nft: read(ruleset, '') } };
  const walker = openWalker(both, { learnsAfter: 0 });
  for (const mark of [0, 0x10, 0x110, 0x100, 0]) walker.decide({ ...tcp, to: address('10.0.0.3'), mark });
  const asked = { ...tcp, to: address('10.0.0.2') };
  for (let i = 0; i < 12; i++) expect(decided(walker, asked)).toBe(walked(both, asked));
});
