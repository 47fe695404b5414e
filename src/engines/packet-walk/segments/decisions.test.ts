import { expect, test } from 'vitest';
import { parseAddress } from '#facts/address.ts';
import type { Probe } from '#facts/packet-walk.ts';
import { decisionText } from '../../../../test/kernel/packet-judge/decision-text.ts';
import { snapshotOfDumps } from '../../../../test/kernel/packet-judge/snapshot-of-dumps.ts';
import { podNode } from '../../../../test/support/pod-node.ts';
import { openWalker } from '../index.ts';

const dumps = {
  ...podNode(3),
  'net/rule4': JSON.stringify([
    { priority: 0, src: 'all', table: 'local' },
    { priority: 32766, src: 'all', table: 'main' },
    { priority: 32767, src: 'all', table: 'default' },
  ]),
  ...Object.fromEntries(
    ['all', 'lo', 'eth0', 'cali1', 'cali2', 'cali3'].flatMap((name) =>
      ['accept_local', 'send_redirects'].map((each) => [`sysctl/net/ipv4/conf/${name}/${each}`, '0']),
    ),
  ),
};

const endpoints = (...to: readonly string[]): readonly string[] =>
  to.flatMap((address, i) => {
    const share = i === to.length - 1 ? '' : ` -m statistic --mode random --probability ${(1 / (to.length - i)).toFixed(10)}`;
    return [
      `-A SVC${share} -j SEP${i}`,
      `-A SEP${i} -s ${address}/32 -j MARK --set-xmark 0x4000/0x4000`,
      `-A SEP${i} -p tcp -j DNAT --to-destination ${address}:8080`,
    ];
  });
const nat = (to: readonly string[], post: readonly string[]): readonly string[] => [
  '*nat',
  ...['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((name) => `:${name} ACCEPT [0:0]`),
  ...['SERVICES', 'SVC', ...to.map((_, i) => `SEP${i}`)].map((name) => `:${name} - [0:0]`),
  '-A PREROUTING -j SERVICES',
  '-A SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j SVC',
  ...endpoints(...to),
  ...post,
  'COMMIT',
];
const filter = (...rules: readonly string[]): readonly string[] => [
  '*filter',
  ...['INPUT', 'FORWARD', 'OUTPUT'].map((name) => `:${name} ACCEPT [0:0]`),
  ':U - [0:0]',
  ...rules,
  'COMMIT',
];

const near = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const far = ['10.9.0.1', '10.9.0.2', '10.9.0.3'];

test.each([
  ['endpoints by one interface', nat(far, []), filter()],
  ['endpoints by interfaces of their own', nat(near, []), filter()],
  ['some here and some elsewhere', nat(['10.0.0.2', ...far], []), filter()],
  ['one endpoint twice', nat(['10.9.0.1', '10.9.0.1', '10.9.0.2'], []), filter()],
  ['a rule that tells endpoints apart', nat(far, []), filter('-A FORWARD -d 10.9.0.2/32 -j DROP')],
  [
    'a rule behind a mark that tells them apart',
    nat(far, []),
    filter('-A FORWARD -j MARK --set-xmark 0x1/0x1', '-A FORWARD -d 10.9.0.2/32 -j REJECT'),
  ],
  ['a rule by source', nat(far, []), filter('-A FORWARD -s 10.0.0.2/32 -j DROP')],
  ['chance behind the choice', nat(far, []), filter('-A FORWARD -m statistic --mode random --probability 0.25 -j DROP')],
  [
    'chance twice in one run',
    nat(far, []),
    filter(
      '-A FORWARD -m statistic --mode random --probability 0.5 -j RETURN',
      '-A FORWARD -m statistic --mode random --probability 0.5 -j DROP',
    ),
  ],
  ['a chain left by goto', nat(far, []), filter('-A FORWARD -i cali1 -g U', '-A FORWARD -j DROP', '-A U -m mark --mark 0x1 -j RETURN')],
  [
    'sources of replies',
    nat(far, [
      '-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE',
      '-A POSTROUTING ! -d 10.9.0.2/32 -j SNAT --to-source 192.168.0.1',
    ]),
    filter(),
  ],
  [
    'the state of the connection',
    nat(far, []),
    filter('-A FORWARD -m conntrack --ctstate DNAT -j DROP', '-A FORWARD -m conntrack --ctstate NEW -j ACCEPT'),
  ],
  ['a rule that nobody can tell', nat(far, []), filter('-A FORWARD -m string --string x --algo bm -j DROP')],
])('PW27 decided without steps as with them: %s', (_, services, rules) => {
  const text = [...services, ...rules, ''].join('\n');
  const snapshot = snapshotOfDumps({ ...dumps, 'netfilter/iptables-legacy-save': text, 'netfilter/iptables-nft-save': '' });
  const [steps, decisions] = [openWalker(snapshot), openWalker(snapshot, { learnsAfter: 0 })];
  const probes = near.flatMap((from, i) =>
    ['10.96.0.1', '10.96.0.2', '10.0.0.2', '8.8.8.8'].map((to) => probeOf(from, to, `cali${i + 1}`)),
  );
  const expected = probes.map((probe) => decisionText(steps.walk(probe).request));
  for (let round = 0; round < 12; round++) expect(probes.map((probe) => decisionText(decisions.decide(probe)))).toEqual(expected);
});

function probeOf(from: string, to: string, inInterface: string): Probe {
  const [source, destination] = [parseAddress(from), parseAddress(to)];
  if (source === null || destination === null) throw new Error('no address');
  return {
    from: source,
    to: destination,
    protocol: 6,
    fromPort: 40_000,
    toPort: 80,
    inInterface,
    icmp: null,
    tcpFlags: null,
    state: 'NEW',
    mark: 0,
  };
}
