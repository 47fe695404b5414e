import { expect, test } from 'vitest';
import { formatAddress, type Prefix, parseAddress, parsePrefix } from '#facts/address.ts';
import type { Probe } from '#facts/packet-walk.ts';
import { read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { readNftText } from '#formats/nft-text/read-nft-text.ts';
import { snapshotOfDumps } from '../../../../test/kernel/packet-judge/snapshot-of-dumps.ts';
import { podNode } from '../../../../test/support/pod-node.ts';
import { openWalker } from '../index.ts';
import type { Endpoint } from './endpoints.ts';
import { reachOf } from './survey.ts';

const dumps = podNode(2);

function nodeWith(...rules: readonly string[]): Snapshot {
  const lines = ['table ip t {', 'chain forward {', 'type filter hook forward priority filter; policy accept;', ...rules, '}', '}', ''];
  const listing = readNftText(lines.join('\n'), 'nft');
  if (!listing.ok) throw new Error(JSON.stringify(listing.problem));
  return { ...snapshotOfDumps(dumps), nftListing: read(listing.value, 'nft') };
}

const pod = (text: string, port: number): Endpoint => ({
  name: text,
  kind: 'pod',
  address: parseAddress(text) as Endpoint['address'],
  port: { protocol: 'tcp', number: port },
});

/** What a walk says of one connection. */
function verdictOf(snapshot: Snapshot, from: Probe['from'], toPort: number, inInterface: string | null): string {
  const to = parseAddress('10.0.0.2') as Probe['to'];
  const rest = { protocol: 6, fromPort: 40_000, icmp: null, tcpFlags: null, state: 'NEW' as const, mark: 0 };
  const { request, reply } = openWalker(snapshot).walk({ ...rest, from, to, toPort, inInterface });
  const lost = [request.verdict, reply?.verdict].find((each) => each === 'dropped' || each === 'rejected');
  return lost ?? (request.verdict === 'delivered' && reply?.verdict === 'delivered' ? 'delivered' : 'undecided');
}

test.each([
  ['ranges', ['tcp dport 1000-2000 accept', 'tcp dport != 80-90 drop']],
  ['sets', ['tcp dport { 22, 80, 8000-8100 } accept', 'tcp dport >= 1024 reject', 'tcp dport 0-21 drop']],
  ['verdict maps', ['tcp dport vmap { 22 : drop, 443 : accept, 30000-32767 : drop }', 'tcp dport < 1024 reject']],
  ['masks', ['tcp dport & 0xff00 == 0x1f00 drop', 'tcp dport & 1 == 1 tcp dport < 64 drop']],
  ['replies', ['tcp sport 3000-3999 drop']],
])('PW reach by port, %s of nft: a walk at each end of every range agrees', (_, rules) => {
  const snapshot = nodeWith(...rules);
  const { ports } = reachOf(snapshot, { from: [pod('10.0.0.1', 1)], to: [pod('10.0.0.2', 80)], protocol: 'tcp' });
  const ranges = ports.flatMap(({ sets }) => sets.flatMap(({ verdict, ports: all }) => all.map((range) => ({ verdict, ...range }))));
  expect(ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)).toBe(65_536);
  expect(ranges.length).toBeGreaterThan(2);
  const from = parseAddress('10.0.0.1') as Probe['from'];
  for (const { verdict, first, last } of ranges)
    for (const port of [first, last]) expect(verdictOf(snapshot, from, port, null), `port ${port}`).toBe(verdict);
});

/** Addresses around which the rules below change their mind. */
const interesting = [
  '8.0.0.0',
  '10.0.0.0',
  '203.0.113.0',
  '203.0.113.128',
  '198.51.100.7',
  '198.51.100.9',
  '77.1.2.0',
  '9.9.1.2',
  '200.9.1.2',
  '11.0.0.0',
];

test.each([
  ['prefixes', ['ip saddr 203.0.113.0/25 drop', 'ip saddr 8.0.0.0/8 drop', 'ip saddr 77.1.0.0/16 reject']],
  ['prefixes that replies go to', ['ip daddr 203.0.113.0/24 drop', 'ip daddr 8.0.0.0/8 drop', 'ip daddr 198.51.100.8/30 drop']],
  ['ranges and sets', ['ip saddr 198.51.100.7-198.51.100.9 drop', 'ip saddr { 8.0.0.0/7, 77.1.2.3, 203.0.113.0/24 } reject']],
  ['masks with gaps', ['ip saddr & 0.0.255.255 == 0.0.1.2 drop']],
  ['masks with gaps on where replies go', ['ip daddr & 0.0.255.255 == 0.0.1.2 drop']],
  ['other than', ['ip saddr != 203.0.113.0/25 drop']],
  ['connections', ['ct original ip saddr 203.0.113.0/24 drop']],
])('PW reach by source, %s of nft: walks from around every boundary agree, or it is said that the sets cannot be told', (_, rules) => {
  const snapshot = nodeWith(...rules);
  const { sources } = reachOf(snapshot, { from: null, to: [pod('10.0.0.2', 80)], protocol: 'tcp' });
  const sets = sources[0]?.sets ?? null;
  if (sets === null) {
    expect(sources[0]?.because).toMatch(/mask|part/);
    return;
  }
  const blocks = sets.flatMap(({ verdict, prefixes }) => prefixes.map((text) => ({ verdict, prefix: parsePrefix(text) as Prefix })));
  const ends = blocks.flatMap(({ prefix: { words, mask } }) => [words[0] as number, ((words[0] as number) | ~(mask[0] as number)) >>> 0]);
  const named = interesting.map((text) => parseAddress(text)?.words[0] as number).flatMap((word) => [word - 1, word, word + 1, word + 255]);
  for (const word of [...ends, ...named]) {
    const address = { family: 'ip' as const, words: [word] };
    const own = blocks.filter(({ prefix }) => (word & (prefix.mask[0] as number)) >>> 0 === prefix.words[0]);
    expect(own).toHaveLength(1);
    expect(verdictOf(snapshot, address, 80, 'eth0'), formatAddress(address)).toBe(own[0]?.verdict);
  }
});
