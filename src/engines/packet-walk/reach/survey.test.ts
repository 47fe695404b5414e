import { expect, test } from 'vitest';
import { formatAddress, type Prefix, parseAddress, parsePrefix } from '#facts/address.ts';
import type { Probe } from '#facts/packet-walk.ts';
import type { ReachPart } from '#facts/reach.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { snapshotOfDumps } from '../../../../test/kernel/packet-judge/snapshot-of-dumps.ts';
import { podNode } from '../../../../test/support/pod-node.ts';
import { openWalker } from '../index.ts';
import type { Endpoint } from './endpoints.ts';
import { reachOf } from './survey.ts';

const everything = { from: null, to: null, protocol: null };
const dumps = podNode(3);

const forward = (...rules: readonly string[]): string =>
  ['*filter', ':INPUT ACCEPT [0:0]', ':FORWARD ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ...rules, 'COMMIT', ''].join('\n');

function part(legacy: string, nft = ''): ReachPart {
  const snapshot: Snapshot = snapshotOfDumps({ ...dumps, 'netfilter/iptables-legacy-save': legacy, 'netfilter/iptables-nft-save': nft });
  const { parts } = reachOf(snapshot, everything);
  expect(parts).toHaveLength(1);
  return parts[0] as ReachPart;
}

/** `from -> to: verdict by rule`, one line a rectangle. */
function lost({ classes, sources, destinations }: ReachPart): readonly string[] {
  return classes
    .filter(({ verdict }) => verdict !== 'delivered')
    .flatMap(({ verdict, blame, rectangles }) =>
      rectangles.map(({ from, to }) => {
        const [a, b] = [from.map((i) => sources[i]?.name), to.map((i) => destinations[i]?.name)];
        return `${a} -> ${b}: ${verdict} by ${blame?.leg} ${blame?.backend} ${blame?.chain} ${blame?.rule}`;
      }),
    );
}

test('without a list of pods, those with a route of their own are asked, all with each other but nobody with himself', () => {
  const { sources, destinations, pairs, classes } = part(forward());
  expect(sources.map(({ name }) => name)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', 'host', 'outside']);
  expect(destinations).toEqual(sources);
  expect(pairs).toBe(5 * 4);
  expect(classes.map(({ verdict, pairs: own }) => [verdict, own])).toEqual([['delivered', 20]]);
});

test('what is lost is one class for each rule to blame', () => {
  expect(lost(part(forward('-A FORWARD -s 10.0.0.1/32 -o cali3 -j DROP', '-A FORWARD -i cali2 -j REJECT')))).toEqual([
    '10.0.0.1,10.0.0.3,outside -> 10.0.0.2: rejected by reply legacy FORWARD 2',
    '10.0.0.1 -> 10.0.0.3: dropped by request legacy FORWARD 1',
    '10.0.0.2 -> 10.0.0.1,10.0.0.3,outside: rejected by request legacy FORWARD 2',
    '10.0.0.3 -> 10.0.0.1: dropped by reply legacy FORWARD 1',
  ]);
});

test('what chance decides is undecided by its nature, and what is not modelled for want of a model', () => {
  const verdicts = (rule: string) => part(forward(rule)).classes.map(({ verdict, because }) => [verdict, because]);
  const random = '-A FORWARD -i cali1 -o cali2 -m statistic --mode random --probability 0.5 -j DROP';
  expect(verdicts(random)).toContainEqual(['undecided', 'outcome-depends']);
  expect(verdicts('-A FORWARD -i cali1 -o cali2 -m osf --genre Linux -j DROP')).toContainEqual(['undecided', 'not-modelled']);
});

test('a backend alone is the node as if the other had neither rules nor policies', () => {
  const { alone } = part(
    forward('-A FORWARD -s 10.0.0.9/32 -j ACCEPT'),
    forward('-A FORWARD -i cali1 -j DROP').replace('FORWARD ACCEPT', 'FORWARD DROP'),
  );
  expect(alone.map(({ backend, now, alone: then, pairs }) => [backend, now, then, pairs])).toEqual([
    ['legacy', 'dropped', 'delivered', 12],
  ]);
});

const pod = (text: string, port: number | null): Endpoint => ({
  name: text,
  kind: 'pod',
  address: parseAddress(text) as Endpoint['address'],
  port: port === null ? null : { protocol: 'tcp', number: port },
});

const policy = forward(
  '-A FORWARD -p tcp -m tcp --dport 1000:2000 -j ACCEPT',
  '-A FORWARD -s 203.0.113.64/26 -j ACCEPT',
  '-A FORWARD -m iprange --src-range 198.51.100.7-198.51.100.9 -j ACCEPT',
  '-A FORWARD -o cali2 -p tcp -m multiport --dports 80,443 -j REJECT',
  '-A FORWARD -o cali2 -p tcp -j DROP',
);

test('for a pair every port is told, as few ranges', () => {
  const wish = { from: [pod('10.0.0.1', null)], to: [pod('10.0.0.2', 80)], protocol: 'tcp' };
  const { ports } = reachOf(snapshotOfDumps({ ...dumps, 'netfilter/iptables-legacy-save': policy }), wish);
  expect(ports).toHaveLength(1);
  const sets = ports[0]?.sets.map(({ verdict, blame, ports: ranges }) => [
    verdict,
    blame?.rule ?? null,
    ranges.map(({ first, last }) => `${first}-${last}`).join(),
  ]);
  expect(sets?.toSorted()).toEqual([
    ['delivered', null, '1000-2000'],
    ['dropped', 5, '0-79,81-442,444-999,2001-65535'],
    ['rejected', 4, '80-80,443-443'],
  ]);
});

test('for a destination every IPv4 source is told: the sets do not overlap, make up all, and a walk from any address agrees', () => {
  const snapshot = snapshotOfDumps({ ...dumps, 'netfilter/iptables-legacy-save': policy });
  const { sources } = reachOf(snapshot, { from: null, to: [pod('10.0.0.2', 81)], protocol: 'tcp' });
  const sets = sources[0]?.sets ?? [];
  const blocks = sets.flatMap(({ verdict, prefixes }) => prefixes.map((text) => ({ verdict, prefix: parsePrefix(text) as Prefix })));
  expect(blocks.reduce((sum, { prefix }) => sum + 2 ** (32 - (prefix.bits ?? 0)), 0)).toBe(2 ** 32);
  const passing = sets.find(({ verdict, prefixes }) => verdict === 'delivered' && prefixes.includes('203.0.113.64/26'));
  expect(passing?.prefixes).toEqual(['198.51.100.7/32', '198.51.100.8/31', '203.0.113.64/26']);
  const walker = openWalker(snapshot);
  for (const { verdict, prefix } of blocks)
    for (const word of [prefix.words[0] as number, ((prefix.words[0] as number) | ~(prefix.mask[0] as number)) >>> 0]) {
      const from = { family: 'ip' as const, words: [word] };
      const to = parseAddress('10.0.0.2') as Probe['to'];
      const { request, reply } = walker.walk({ ...probe, from, to });
      const lost = [request.verdict, reply?.verdict].find((each) => each === 'dropped' || each === 'rejected');
      expect(lost ?? (reply?.verdict === 'delivered' ? 'delivered' : 'undecided'), formatAddress(from)).toBe(verdict);
    }
});

const probe: Omit<Probe, 'from' | 'to'> = {
  protocol: 6,
  fromPort: 40_000,
  toPort: 81,
  inInterface: 'eth0',
  icmp: null,
  tcpFlags: null,
  state: 'NEW',
  mark: 0,
};
