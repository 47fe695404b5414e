import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, formatPrefix } from '#facts/address.ts';
import type { Result } from '#facts/result.ts';
import * as json from '../ip-json.ts';
import * as netlink from './rtnetlink.ts';

// Recorded in one network namespace (Linux 6.18, iproute2 6.1): the kernel's messages, and what `ip -j` printed.
const folder = new URL('../fixtures/netlink/network/', import.meta.url);
const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));
const text = (name: string): string => readFileSync(new URL(`${name}.json`, folder), 'utf8');

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

const names = value(netlink.readInterfaceNames(bytes('link'), 'netlink/link'));

/** Without the place, its text, and the wording of what is not modelled; in any order. */
function facts(all: readonly object[]): readonly string[] {
  return all
    .map((fact) => JSON.stringify({ ...fact, at: 0, text: '', ...('unmodelled' in fact && { unmodelled: fact.unmodelled !== '' }) }))
    .toSorted();
}

describe('the same node by netlink and by ip -j', () => {
  const both = {
    links: [netlink.readLinks(bytes('link'), 'l'), [json.readLinks(text('link'), 'l')]],
    addresses: [netlink.readAddresses(bytes('addr'), 'a', names), [json.readAddresses(text('addr'), 'a')]],
    routes: [
      netlink.readRoutes(bytes('route'), 'r', names),
      [json.readRoutes(text('route4'), 'r', 'ip'), json.readRoutes(text('route6'), 'r', 'ip6')],
    ],
    'routing rules': [
      netlink.readRoutingRules(bytes('rule'), 'r'),
      [json.readRoutingRules(text('rule4'), 'r', 'ip'), json.readRoutingRules(text('rule6'), 'r', 'ip6')],
    ],
    neighbours: [netlink.readNeighbours(bytes('neigh'), 'n', names), [json.readNeighbours(text('neigh'), 'n')]],
  } as const satisfies Record<string, readonly [Result<readonly object[]>, readonly Result<readonly object[]>[]]>;

  test.each(Object.entries(both))('%s are equal', (_, [kernel, printed]) => {
    expect(facts(value<readonly object[]>(kernel))).toEqual(facts(printed.flatMap((each) => value<readonly object[]>(each))));
  });
});

test('a fact names its message, and what it says in the words of ip', () => {
  const routes = value(netlink.readRoutes(bytes('route'), 'netlink/route', names));
  const by = (prefix: string) => routes.find(({ destination }) => formatPrefix(destination) === prefix);
  expect(by('10.2.0.0/16')).toMatchObject({ text: '10.2.0.0/16 via 10.0.0.2 dev cali1a2 table 100 metric 5' });
  expect(by('10.65.0.0/26')?.text).toBe('blackhole 10.65.0.0/26');
  expect(by('10.6.0.0/16')?.gateway && formatAddress(by('10.6.0.0/16')?.gateway ?? { family: 'ip', words: [0] })).toBe('fd00::2');
  const rule = value(netlink.readRoutingRules(bytes('rule'), 'netlink/rule')).find(({ inverted }) => inverted);
  expect(rule?.text).toBe('32763: not from 10.0.0.0/8 to 10.9.0.0/16 lookup 200');
  expect(routes.map(({ at }) => at.line)).toEqual(routes.map((_, index) => index + 1));
});

test('an interface that the list of links does not hold goes by its index, as with ip', () => {
  const routes = value(netlink.readRoutes(bytes('route'), 'r', new Map()));
  expect(routes.find(({ destination }) => formatPrefix(destination) === '10.2.0.0/16')?.interface).toMatch(/^if\d+$/);
});

test('a bridge’s entries lie among the neighbours', () => {
  const entries = value(netlink.readBridgeEntries(bytes('neigh'), 'n', names));
  expect(entries).toContainEqual(expect.objectContaining({ bridge: 'br0', port: 'port0', mac: '02:00:00:00:00:09', local: false }));
  expect(entries.some(({ local }) => local)).toBe(true);
});

const readers = {
  link: (all: Uint8Array) => netlink.readLinks(all, 'x'),
  addr: (all: Uint8Array) => netlink.readAddresses(all, 'x', names),
  route: (all: Uint8Array) => netlink.readRoutes(all, 'x', names),
  rule: (all: Uint8Array) => netlink.readRoutingRules(all, 'x'),
  neigh: (all: Uint8Array) => netlink.readNeighbours(all, 'x', names),
};

test.each(Object.entries(readers))('%s cut short is a problem with its place', (name, read) => {
  const whole = bytes(name);
  expect(read(whole.subarray(0, whole.length - 4))).toMatchObject({ ok: false, problem: { code: 'netlink-truncated', source: 'x' } });
});

test.each(Object.entries(readers))('%s of any bytes is facts or a problem, and no exception', (name, read) => {
  const whole = bytes(name);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
      const changed = whole.slice();
      for (const [at, byte] of changes) changed[at] = byte;
      const result = read(changed);
      expect(typeof result.ok).toBe('boolean');
    }),
    { numRuns: 300 },
  );
});
