import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Result } from '#facts/result.ts';
import { readAddresses, readLinks, readNeighbours, readRoutes, readRoutingRules } from './ip-json.ts';
import { readAddressesText, readLinksText, readNeighboursText, readRoutesText, readRoutingRulesText } from './ip-text.ts';

// Both forms of one node, recorded from iproute2 6.1.
const recorded = (name: string) => readFileSync(new URL(`fixtures/ip-text/${name}`, import.meta.url), 'utf8');

function facts<T extends { readonly at: unknown; readonly text?: string }>(result: Result<readonly T[]>): readonly unknown[] {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value.map(({ at: _, text: __, ...fact }) => fact);
}

test.each([
  ['linkd', 'linkd', readLinksText, readLinks],
  ['addrd', 'linkd', readLinksText, readLinks],
  ['linkstats', 'linkd', readLinksText, readLinks],
  ['addrd', 'addrd', readAddressesText, readAddresses],
  ['addro', 'addrd', readAddressesText, readAddresses],
  ['neigh', 'neigh', readNeighboursText, readNeighbours],
  ['neighss', 'neigh', readNeighboursText, readNeighbours],
  ['route4', 'route4', readRoutesText, readRoutes],
  ['route4d', 'route4d', readRoutesText, readRoutes],
  ['rule4', 'rule4', readRoutingRulesText, readRoutingRules],
] as const)('%s as text gives the facts of %s.json', (name, json, readText, readJson) => {
  const fromJson = facts(readJson(recorded(`${json}.json`), 'f') as Result<readonly never[]>);
  expect(fromJson.length).toBeGreaterThan(2);
  expect(facts(readText(recorded(name), 'f') as Result<readonly never[]>)).toEqual(fromJson);
});

test.each([
  ['route6', readRoutesText, readRoutes],
  ['route6d', readRoutesText, readRoutes],
  ['rule6', readRoutingRulesText, readRoutingRules],
] as const)('%s as text gives the facts of its JSON', (name, readText, readJson) => {
  expect(facts(readText(recorded(name), 'f', 'ip6') as Result<readonly never[]>)).toEqual(
    facts(readJson(recorded(`${name}.json`), 'f', 'ip6') as Result<readonly never[]>),
  );
});

test('a fact has the line that it stands in', () => {
  const result = readAddressesText(recorded('addrd'), 'ip_addr');
  const address = result.ok ? result.value.find(({ interface: name }) => name === 'tun0') : null;
  expect([address?.at, address?.text]).toEqual([{ source: 'ip_addr', line: 26 }, '    inet 10.9.0.1 peer 10.9.0.2/32 scope global tun0']);
});

test.each([
  ['links', readLinksText, 'bash: ip: command not found', "an interface, as 'ip link' prints it"],
  ['addresses', readAddressesText, 'bash: ip: command not found', "an interface, as 'ip addr' prints it"],
  ['routes', readRoutesText, '10.0.0.0/8 teleport eth0', "a route, as 'ip route' prints it"],
  ['routes', readRoutesText, '\tnexthop via 10.0.0.1 dev eth0 weight 1', 'a route before its next hops'],
  ['rules', readRoutingRulesText, '0:\tfrom all teleport local', "a routing rule, as 'ip rule' prints it"],
  ['neighbours', readNeighboursText, 'Command line is not complete', "a neighbour, as 'ip neigh' prints it"],
] as const)('%s that are not what ip prints are a problem with their line', (_, read, text, expected) => {
  expect(read(`${text}\n`, 'f')).toMatchObject({ ok: false, problem: { code: 'ip-text-unreadable', line: 1, expected } });
});

test('an encapsulated route keeps that it is one', () => {
  const [route] = facts(readRoutesText('10.1.0.0/16  encap ip id 5 src 10.0.0.1 dst 10.0.0.2 ttl 0 tos 0 via 10.0.0.9 dev tun0 \n', 'f'));
  expect(route).toMatchObject({ flags: ['encap'], interface: 'tun0' });
});
