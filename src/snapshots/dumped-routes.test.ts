import { expect, test } from 'vitest';
import { formatAddress } from '#facts/address.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { memoryFiles, snapshotOf } from './index.ts';

const link = { ifindex: 2, ifname: 'eth0', flags: ['UP', 'LOWER_UP'], mtu: 1500 };
const address = { family: 'inet', local: '10.0.0.5', prefixlen: 24, broadcast: '10.0.0.255', scope: 'global' };
const main = [
  { dst: 'default', gateway: '10.0.0.1', dev: 'eth0' },
  { dst: '10.0.0.0/24', dev: 'eth0', prefsrc: '10.0.0.5' },
];
const whole = [...main, { type: 'local', dst: '10.0.0.5', dev: 'eth0', table: 'local' }];
const rules = [{ priority: 0, src: 'all', table: 'local' }];

function opened(files: Readonly<Record<string, unknown>>): Snapshot {
  const content = Object.entries(files).map(([name, value]) => [name, new TextEncoder().encode(JSON.stringify(value))] as const);
  const result = snapshotOf(memoryFiles('folder', new Map(content)));
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

function localRoutes({ routes }: Snapshot): readonly string[] {
  if (routes.kind === 'missing') return [routes.because];
  const local = routes.value.filter(({ table }) => table === 'local');
  return local.map(({ type, destination }) => `${type} ${formatAddress(destination)}/${destination.bits}`);
}

test("where a dump shows the main table alone, the node's own addresses are local all the same", () => {
  const files = { 'route.json': main, 'link.json': [link], 'addr.json': [{ ifname: 'eth0', addr_info: [address] }] };
  expect(localRoutes(opened(files))).toEqual(['local 10.0.0.5/32', 'broadcast 10.0.0.255/32']);
  expect(localRoutes(opened({ ...files, 'link.json': [{ ...link, flags: [] }] }))).toEqual([]);
  expect(localRoutes(opened({ ...files, 'route.json': whole }))).toEqual(['local 10.0.0.5/32']);
});

test('without addresses, the main table alone is not the routes of the node', () => {
  expect(localRoutes(opened({ 'route.json': main }))).toEqual(["it shows the main table only; 'ip -j route show table all' is needed"]);
});

test('rules of a family that was not dumped are undecided, not absent', () => {
  const unknown = ({ routingRules }: Snapshot) =>
    routingRules.kind === 'missing' ? null : routingRules.value.filter(({ unmodelled }) => unmodelled !== '').map(({ family }) => family);
  const files = { 'route.json': whole, 'rule.json': rules };
  expect(unknown(opened(files))).toEqual(['ip6']);
  const six = { 'route6.json': [{ type: 'local', dst: '::1', dev: 'lo', table: 'local' }], 'rule6.json': rules };
  expect(unknown(opened({ ...files, ...six }))).toEqual([]);
  expect(unknown(opened({ ...files, 'route6.json': six['route6.json'] }))).toEqual(['ip6']);
});

test('`sysctl -a` tells the settings of a folder of dumps', () => {
  const text = 'net.ipv4.conf.eth0/100.forwarding = 1\nkernel.x = \nnet.ipv4.ip_forward = 1\n';
  const files = new Map([['sysctl', new TextEncoder().encode(text)]]);
  const result = snapshotOf(memoryFiles('folder', files));
  const found = result.ok ? result.value.sysctls : new Map();
  expect(found.get('net.ipv4.conf.eth0/100.forwarding')).toMatchObject({ value: '1', at: { source: 'sysctl', line: 1 } });
  expect(found.get('kernel.x')?.value).toBe('');
});
