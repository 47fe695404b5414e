import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Snapshot } from '#facts/snapshot.ts';
import { memoryFiles, snapshotOf } from './index.ts';

const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../formats/fixtures/${name}`, import.meta.url)));
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

interface Head {
  readonly missing?: readonly { readonly path: string; readonly because: string }[];
  readonly proven?: readonly { readonly path: string; readonly because: string }[];
}

function snapshotWith(files: Readonly<Record<string, Uint8Array>>, { missing = [], proven = [] }: Head = {}): Snapshot {
  const head = { formatVersion: 1, node: 'n', capturedAt: '2026-01-01T00:00:00Z', collector: 'test', kernel: null, notes: [], files: {} };
  const all = new Map([['snapshot.json', text(JSON.stringify({ ...head, missing, proven }))], ...Object.entries(files)]);
  const opened = snapshotOf(memoryFiles('test', all));
  if (!opened.ok) throw new Error(JSON.stringify(opened.problem));
  return opened.value;
}

const network = Object.fromEntries(
  ['link', 'addr', 'route', 'rule', 'neigh'].map((name) => [`netlink/${name}`, fixture(`netlink/network/${name}`)]),
);

test('rules of nf_tables are read from the kernel, and serve where no save tool ran', () => {
  const raw = { 'netlink/nftables': fixture('netlink/kube-proxy-20svc.nftables') };
  const alone = snapshotWith(raw);
  expect(alone.kernelRules.nft).toMatchObject({ kind: 'read', source: 'netlink/nftables', value: { origin: 'kernel' } });
  expect(alone.rulesets.nft.ip).toMatchObject({ kind: 'read', source: 'netlink/nftables' });
  expect(alone.rulesets.nft.ip.kind === 'read' && [...alone.rulesets.nft.ip.value.tables.keys()]).toContain('nat');
  expect(alone.nativeChains).toMatchObject({ kind: 'read', value: [], source: 'netlink/nftables' });
  const both = snapshotWith({ ...raw, 'netfilter/iptables-nft-save': fixture('kube-proxy-20svc.iptables-nft.save') });
  expect(both.rulesets.nft.ip).toMatchObject({ kind: 'read', source: 'netfilter/iptables-nft-save' });
});

test('native chains are those of a listing of the same rules', () => {
  const kernel = snapshotWith({ 'netlink/nftables': fixture('netlink/kube-proxy-nftmode-20svc.nftables') }).nativeChains;
  const listed = snapshotWith({ 'netfilter/nft-ruleset.json': fixture('nft/kube-proxy-nftables-mode.json') }).nativeChains;
  const sorted = (reading: typeof kernel) => (reading.kind === 'read' ? reading.value.map((each) => JSON.stringify(each)).toSorted() : []);
  expect(sorted(kernel)).toEqual(sorted(listed));
  expect(sorted(kernel).length).toBeGreaterThan(3);
});

test('what the kernel was seen not to have is none, and what was not looked at is missing', () => {
  const proven = ['legacy-ip', 'nftables', 'ipset'].map((name) => ({ path: `netlink/${name}`, because: 'not loaded' }));
  const seen = snapshotWith({}, { proven, missing: [{ path: 'netlink/legacy-ip6', because: 'EPERM (socket)' }] });
  expect(seen.kernelRules.legacy.ip).toMatchObject({ kind: 'read', value: { tables: new Map() } });
  expect(seen.kernelRules.legacy.ip6).toMatchObject({ kind: 'missing', because: 'EPERM (socket)' });
  expect(seen.kernelRules.nft).toMatchObject({ kind: 'read', value: { tables: [] } });
  expect(seen.ipsets).toMatchObject({ kind: 'read', value: new Map() });
  const { rulesets, nativeChains } = seen;
  expect([rulesets.nft.ip, nativeChains].map((reading) => reading.kind)).toEqual(['read', 'read']);
  const blind = snapshotWith({});
  expect([blind.kernelRules.legacy.ip.kind, blind.kernelRules.nft.kind, blind.ipsets.kind, blind.rulesets.nft.ip.kind]).toEqual(
    new Array(4).fill('missing'),
  );
});

test('a file cut short is missing with its reason, and nothing else is', () => {
  const whole = fixture('netlink/every-match.nftables');
  const { kernelRules, links } = snapshotWith({ 'netlink/nftables': whole.subarray(0, whole.length - 4), ...network });
  expect(kernelRules.nft).toMatchObject({ kind: 'missing', because: expect.stringContaining('expected whole netlink messages') });
  expect(links.kind).toBe('read');
});

test('the network is read from the kernel where ip did not run', () => {
  const { links, addresses, routes, routingRules, neighbours, bridgeEntries } = snapshotWith(network);
  const readings = { links, addresses, routes, routingRules, neighbours, bridgeEntries };
  for (const [part, reading] of Object.entries(readings)) expect([part, reading?.kind]).toEqual([part, 'read']);
  expect(routes.kind === 'read' && routes.value.some((route) => route.interface === 'cali1a2')).toBe(true);
});

test('without the names of interfaces nothing that needs them is read', () => {
  const { 'netlink/link': _, ...rest } = network;
  const { routes, routingRules } = snapshotWith(rest);
  expect(routes).toMatchObject({ kind: 'missing', because: expect.stringContaining('the names of interfaces') });
  expect(routingRules.kind).toBe('missing');
  const named = snapshotWith({ ...rest, 'net/link.json': fixture('netlink/network/link.json') });
  expect(named.routes.kind === 'read' && named.routes.value.some((route) => route.interface === 'cali1a2')).toBe(true);
});

test('routes and routing rules come from one source, since only the node’s own ip knows how it names tables', () => {
  const { routes, routingRules } = snapshotWith({ ...network, 'net/route.json': fixture('netlink/network/route4.json') });
  expect([routes.source, routingRules.source]).toEqual(['netlink/route', 'netlink/rule']);
  const json = { 'net/route.json': fixture('netlink/network/route4.json'), 'net/rule.json': fixture('netlink/network/rule4.json') };
  const whole = snapshotWith({ ...network, ...json });
  expect([whole.routes.source, whole.routingRules.source]).toEqual(['net/route.json', 'net/rule.json']);
});

test('ipsets are those of the kernel, also beside ipset save', () => {
  const raw = fixture('netlink/ipset');
  const { ipsets } = snapshotWith({ 'netlink/ipset': raw, 'netfilter/ipset-save': text('create other hash:ip family inet\n') });
  expect(ipsets).toMatchObject({ kind: 'read', source: 'netlink/ipset' });
  expect(ipsets.kind === 'read' && ipsets.value.has('hni')).toBe(true);
});

test.each([
  ['/usr/sbin/iptables\n/etc/alternatives/iptables\n/usr/sbin/iptables-nft\n/usr/sbin/xtables-nft-multi\n', 'nft'],
  ['/usr/sbin/iptables\n/usr/sbin/xtables-legacy-multi\n', 'legacy'],
  ['/sbin/iptables\n/opt/wrapper\n', null],
])('iptables that leads by %j to its end shows %s', (links, backend) => {
  const { iptablesCommand } = snapshotWith({ 'netfilter/iptables-links': text(links) });
  expect(iptablesCommand.kind === 'read' ? iptablesCommand.value : null).toBe(backend);
});

test('a folder that holds only messages of the kernel is a source', () => {
  const opened = snapshotOf(memoryFiles('folder', new Map([['netlink/nftables', fixture('netlink/every-match.nftables')]])));
  expect(opened.ok && opened.value.rulesets.nft.ip.kind).toBe('read');
});
