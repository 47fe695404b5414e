import { expect, test } from 'vitest';
import { openWalker } from '#engines/packet-walk/index.ts';
import type { WalkOutcome } from '#facts/packet-walk.ts';
import { memoryFiles, snapshotOf } from '#snapshots/index.ts';
import { readProbe } from '../../src/cli/walk-probe.ts';

const network = {
  'link.json': ['eth0', 'cali1'].map((ifname, i) => ({ ifindex: i + 1, ifname, flags: ['UP', 'LOWER_UP'], mtu: 1500 })),
  'addr.json': [{ ifname: 'eth0', addr_info: [{ family: 'inet', local: '10.0.0.5', prefixlen: 24, scope: 'global' }] }],
  'route.json': [
    { dst: '10.0.0.0/24', dev: 'eth0', prefsrc: '10.0.0.5' },
    { dst: '10.244.1.10', dev: 'cali1' },
    { type: 'local', dst: '10.0.0.5', dev: 'eth0', table: 'local' },
  ],
  'rule.json': [
    { priority: 0, src: 'all', table: 'local' },
    { priority: 32766, src: 'all', table: 'main' },
  ],
};
const sysctls = ['all', 'eth0', 'cali1'].flatMap((name) =>
  ['forwarding = 1', 'rp_filter = 0', 'src_valid_mark = 0', 'accept_local = 0', 'route_localnet = 0'].map(
    (setting) => `net.ipv4.conf.${name}.${setting}\n`,
  ),
);

function outcomes(legacy: string, nft: string): readonly string[] {
  const json = Object.entries(network).map(([name, value]) => [name, JSON.stringify(value)] as const);
  const text = [...json, ['sysctl', sysctls.join('')], ['iptables-legacy-save', legacy], ['nft-ruleset.nft', nft]] as const;
  const files = new Map(text.map(([name, content]) => [name, new TextEncoder().encode(content)]));
  const opened = snapshotOf(memoryFiles('folder', files));
  if (!opened.ok) throw new Error(JSON.stringify(opened.problem));
  const probe = readProbe({ from: '10.0.0.77', to: '10.244.1.10:80' }, opened.value);
  return (openWalker(opened.value).walk(probe).request.outcomes ?? []).map(shown);
}

function shown({ verdict, probability, order, blame, choices = [], ways }: WalkOutcome): string {
  const at = blame === undefined ? '' : ` at ${blame.backend} ${blame.chain} ${blame.rule ?? 'policy'}`;
  const by = choices.map(({ backend, chain, rule, matches }) => `${matches ? '' : 'not '}${backend} ${chain} ${rule}`);
  return `${probability ?? '?'} ${order ?? ''} ${verdict}${at} [${by.join(', ')}]${ways === undefined ? '' : ` ${ways} ways`}`;
}

const forward = (rules: string, table: string, policy = 'ACCEPT'): string => `*${table}\n:FORWARD ${policy} [0:0]\n${rules}COMMIT\n`;
const native = (rules: string): string =>
  `table inet t {\n\tchain f {\n\t\ttype filter hook forward priority mangle; policy accept;\n${rules}\t}\n}\n`;
const chance = '-A FORWARD -m statistic --mode random --probability 0.5 -j DROP\n';

test('an outcome names the rules at which its way parted from the others, and in how many ways it comes about', () => {
  expect(outcomes(forward(chance + chance, 'filter'), native(''))).toEqual([
    '0.75  dropped at legacy FORWARD 1 [legacy FORWARD 1] 2 ways',
    '0.25  delivered [not legacy FORWARD 1, not legacy FORWARD 2]',
  ]);
});

test('a rule that may accept before a policy that drops', () => {
  const limit = '-A FORWARD -m limit --limit 5/min -j ACCEPT\n';
  expect(outcomes(forward(limit, 'filter', 'DROP'), native(''))).toEqual([
    '?  delivered [legacy FORWARD 1]',
    '?  dropped at legacy FORWARD policy [not legacy FORWARD 1]',
  ]);
});

test('where the order of hooks decides, each order has its own reason', () => {
  const marks = forward('-A FORWARD -j MARK --set-xmark 0x1/0xffffffff\n', 'mangle');
  const limits = forward('-A FORWARD -m limit --limit 5/min -j ACCEPT\n', 'filter', 'DROP');
  expect(outcomes(marks + limits, native('\t\tmeta mark 0x1 drop\n'))).toEqual([
    '? nft-first delivered [legacy FORWARD 1]',
    '? nft-first dropped at legacy FORWARD policy [not legacy FORWARD 1]',
    '1 legacy-first dropped at nft f 1 []',
  ]);
});
