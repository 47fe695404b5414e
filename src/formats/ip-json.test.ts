import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatAddress, formatPrefix } from '#facts/address.ts';
import type { Result } from '#facts/result.ts';
import { readAddresses, readLinks, readNeighbours, readRoutes, readRoutingRules } from './ip-json.ts';

// Recorded from iproute2 6.1 in a network namespace with a veth pair, a tun device, a bridge and routes of every kind.
const recorded = (name: string) => readFileSync(new URL(`fixtures/ip/${name}.json`, import.meta.url), 'utf8');

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

test('links have their kind, carrier and address', () => {
  const links = value(readLinks(recorded('link'), 'net/link.json'));
  expect(links.map((link) => [link.name, link.kind, link.up, link.carrier, link.loopback])).toEqual([
    ['lo', null, true, true, true],
    ['eth0x', 'veth', true, true, false],
    ['cali1a2', 'veth', true, true, false],
    ['tun0', 'tun', true, false, false],
    ['br0', 'bridge', false, false, false],
  ]);
  expect(links[2]).toMatchObject({ index: 3, mtu: 1500, mac: 'c2:7f:2b:c9:9e:24', at: { source: 'net/link.json', line: 1 } });
});

test('each address is one result, with its peer', () => {
  const addresses = value(readAddresses(recorded('addr'), 'addr.json'));
  expect(addresses.map((a) => `${a.interface} ${formatAddress(a.address)}/${a.bits} ${a.scope}`)).toContain('cali1a2 10.0.0.1/24 global');
  const pointToPoint = addresses.find((a) => a.peer !== null);
  expect(pointToPoint && formatAddress(pointToPoint.address)).toBe('169.254.1.1');
  expect(pointToPoint?.peer && formatAddress(pointToPoint.peer)).toBe('169.254.1.2');
});

test.each(['route4', 'route4nd'])('routes of %s read the same with and without details', (name) => {
  const routes = value(readRoutes(recorded(name), 'route.json'));
  const lines = routes.map((r) => [
    r.type,
    formatPrefix(r.destination),
    r.table,
    r.interface,
    r.gateway && formatAddress(r.gateway),
    r.metric,
  ]);
  expect(lines).toContainEqual(['unicast', '10.8.0.0/16', '100', 'cali1a2', '10.0.0.2', 5]);
  expect(lines).toContainEqual(['unicast', '0.0.0.0/0', 'main', 'cali1a2', '10.0.0.254', 0]);
  expect(lines).toContainEqual(['unicast', '10.6.0.0/16', 'main', 'cali1a2', 'fd00::2', 0]);
  expect(lines).toContainEqual(['unreachable', '10.7.0.0/16', 'main', null, null, 0]);
  expect(lines).toContainEqual(['blackhole', '10.65.0.0/26', 'main', null, null, 0]);
  expect(lines).toContainEqual(['unicast', '10.65.0.2/32', 'main', 'cali1a2', null, 0]);
  expect(lines).toContainEqual(['local', '127.0.0.0/8', 'local', 'lo', null, 0]);
  expect(routes.every((route) => route.family === 'ip')).toBe(true);
  expect(routes.filter((route) => route.multipath).map((route) => [route.interface, route.gateway])).toEqual([['cali1a2', null]]);
});

test('IPv6 routes are known without an address, by pref or by the added family', () => {
  expect(value(readRoutes(recorded('route6'), 'route.json')).every((route) => route.family === 'ip6')).toBe(true);
  const bare = '[{"dst":"default","dev":"a","pref":"medium"},\n{"family":"inet6","dst":"default","dev":"b"},\n{"dst":"default","dev":"c"}]';
  expect(value(readRoutes(bare, 'r')).map((r) => [r.family, r.at.line])).toEqual([
    ['ip6', 1],
    ['ip6', 2],
    ['ip', 3],
  ]);
});

test('routing rules keep every selector; those without a field are named unmodelled', () => {
  const rules = value(readRoutingRules(recorded('rule4'), 'rule.json'));
  const by = (priority: number) => rules.find((rule) => rule.priority === priority);
  expect(by(0)).toMatchObject({ table: 'local', action: 'lookup', from: null, mark: null, unmodelled: '', inverted: false });
  expect(by(32765)).toMatchObject({ mark: { value: 0x10, mask: 0xf0 }, table: '100' });
  expect(by(32764)).toMatchObject({ action: 'prohibit', table: null, inInterface: 'cali1a2' });
  expect(by(32763)).toMatchObject({ inverted: true, table: '200' });
  expect(by(32762)?.unmodelled).toBe('{"ipproto":"tcp","dport":80}');
  expect(by(32761)?.unmodelled).toBe('{"uid_start":0,"uid_end":10,"suppress_prefixlen":0}');
  expect(by(32760)).toMatchObject({ action: 'goto', mark: { value: 5, mask: 0xffffffff }, unmodelled: '{"goto":32766}' });
  expect(value(readRoutingRules(recorded('rule6'), 'rule.json', 'ip6')).map((rule) => rule.family)).toEqual(['ip6', 'ip6']);
});

test('neighbours have address, state and hardware address', () => {
  expect(value(readNeighbours(recorded('neigh'), 'n'))).toMatchObject([
    { mac: '02:00:00:00:00:01', state: ['PERMANENT'], interface: 'cali1a2' },
  ]);
});

test.each([
  ['not an array', '{"a":1}', 1],
  ['an object without a destination', '[{},\n{"dev":"x"}]', 2],
  ['a destination that is no address', '[{"dst":"10.0.0.0/99"}]', 1],
  ['an element that is no object', '[{"dst":"default"},\n\n3]', 3],
  ['text cut in the middle', '[{"dst":"default"},\n{"dst":', 2],
])('%s is a problem with its line', (_, text, line) => {
  expect(readRoutes(text, 'route.json')).toMatchObject({ ok: false, problem: { source: 'route.json', line } });
});
