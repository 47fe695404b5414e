import { describe, expect, test } from 'vitest';
import { type Address, type Family, parseAddress, parsePrefix } from '#facts/address.ts';
import type { InterfaceAddress, Link, NextHop, Route, RoutingRule } from '#facts/network.ts';
import { missing, read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { emptySnapshot, sysctls } from '../../../test/support/snapshot-builder.ts';
import { type RouteQuery, Routing } from './routing.ts';

const at = { source: 'net', line: 1 };
const address = (text: string): Address => parseAddress(text) as Address;

function route(destination: string, device: string, more: Partial<Route> = {}): Route {
  const prefix = parsePrefix(destination) as Route['destination'];
  return {
    family: prefix.family,
    type: 'unicast',
    destination: prefix,
    table: 'main',
    interface: device,
    gateway: null,
    source: null,
    scope: null,
    metric: 0,
    flags: [],
    multipath: false,
    at,
    ...more,
  };
}

function rule(priority: number, table: string, more: Partial<RoutingRule> = {}): RoutingRule {
  return {
    family: 'ip',
    priority,
    table,
    action: 'lookup',
    from: null,
    to: null,
    mark: null,
    inInterface: null,
    outInterface: null,
    inverted: false,
    unmodelled: '',
    at,
    ...more,
  };
}

const link = (index: number, name: string, kind: string | null = null): Link => ({
  index,
  name,
  mtu: 1500,
  up: true,
  carrier: true,
  loopback: name === 'lo',
  kind,
  master: null,
  mac: null,
  at,
});

const ownAddress = (name: string, text: string, more: Partial<InterfaceAddress> = {}): InterfaceAddress => {
  const [own, bits] = text.split('/') as [string, string];
  return { interface: name, address: address(own), bits: Number(bits), scope: 'global', broadcast: null, peer: null, at, ...more };
};

const plain = (family: Family = 'ip'): readonly RoutingRule[] => [
  rule(0, 'local', { family }),
  rule(32766, 'main', { family }),
  rule(32767, 'default', { family }),
];

function routingOf(routes: readonly Route[], rules: readonly RoutingRule[] = plain(), more: Partial<Snapshot> = {}): Routing {
  const links = read([link(1, 'lo'), link(2, 'eth0'), link(3, 'eth1')], '');
  return new Routing({ ...emptySnapshot, links, routes: read(routes, ''), routingRules: read(rules, ''), ...more });
}

/** The interface of the route, or what else the answer is. */
function answer(routing: Routing, query: Partial<RouteQuery> = {}): string {
  const found = routing.lookup({ destination: address('10.0.0.1'), source: null, inInterface: 'eth0', mark: 0, ...query });
  if (found.kind === 'missing') return found.because;
  return found.kind === 'none' ? 'none' : (found.route.interface ?? found.route.type);
}

describe('PW5 policy rules', () => {
  const routes = [route('0.0.0.0/0', 'eth0'), route('0.0.0.0/0', 'eth1', { table: '10' })];
  const by = (more: Partial<RoutingRule>, query: Partial<RouteQuery> = {}, changes: Partial<Snapshot> = {}): string =>
    answer(routingOf(routes, [...plain(), rule(5, '10', more)], changes), query);

  test.each<readonly [title: string, rule: Partial<RoutingRule>, query: Partial<RouteQuery>, expected: string]>([
    ['a mark outside the mask of the rule is compared without it', { mark: { value: 0x13, mask: 0xf } }, { mark: 0x3 }, 'eth1'],
    ['a rule with an output interface is for who asks by it', { outInterface: 'eth1' }, {}, 'eth0'],
    ['and for no other', { outInterface: 'eth1' }, { outInterface: 'eth1' }, 'eth1'],
    ['what is forwarded counts as root', { unmodelled: '{"uid_start":0,"uid_end":99}' }, {}, 'eth1'],
    ['what is forwarded is no other user', { unmodelled: '{"uid_start":1,"uid_end":99}' }, {}, 'eth0'],
    [
      'whose socket sends is not known',
      { unmodelled: '{"uid_start":0,"uid_end":99}' },
      { inInterface: null, fromSocket: true },
      'whose process sends it is not known, and a routing rule has a uidrange',
    ],
    ['without VRF devices l3mdev fits nothing', { unmodelled: '{"l3mdev":null}' }, {}, 'eth0'],
    ['a word that is not known is undecided', { unmodelled: '{"dscp":"0x8"}' }, {}, "'dscp' of a routing rule is not modelled"],
    ['but not where another selector says no', { unmodelled: '{"dscp":"0x8"}', inInterface: 'eth1' }, {}, 'eth0'],
    ['a rule for an interface that is gone never fits', { unmodelled: '{"iif_detached":null}', inInterface: 'eth0' }, {}, 'eth0'],
    ['except turned around', { unmodelled: '{"iif_detached":null}', inInterface: 'eth0', inverted: true }, {}, 'eth1'],
    [
      'a port that the kernel chooses is not known',
      { unmodelled: '{"dport":80}' },
      { flow: { protocol: 6, sourcePort: 1, destinationPort: null } },
      'a routing rule looks at a port that the kernel chooses',
    ],
    ['a goto to nowhere is passed over', { unmodelled: '{"goto":77,"unresolved":null}', action: 'goto' }, {}, 'eth0'],
    [
      'groups of interfaces are not in a snapshot',
      { unmodelled: '{"suppress_ifgroup":"x"}' },
      {},
      "'suppress_ifgroup' of a routing rule is not modelled",
    ],
    [
      'a type of service in its upper bits depends on the kernel',
      { unmodelled: '{"tos":"0x10"}' },
      { tos: 0x30 },
      'whether all bits of the type of service count depends on the kernel',
    ],
  ])('%s', (_, more, query, expected) => {
    expect(by(more, query)).toBe(expected);
  });

  test('with a VRF l3mdev is undecided', () => {
    expect(by({ unmodelled: '{"l3mdev":null}' }, {}, { links: read([link(1, 'vrf0', 'vrf')], '') })).toBe(
      "'l3mdev' of a routing rule is not modelled",
    );
  });
});

describe('PW5 routes', () => {
  test.each<readonly [title: string, routes: readonly Route[], query: Partial<RouteQuery>, expected: string]>([
    ['a dead route is passed over', [route('10.0.0.0/8', 'eth1'), route('10.0.0.0/24', 'eth0', { flags: ['dead'] })], {}, 'eth1'],
    [
      'a route whose link is down depends on a setting',
      [route('10.0.0.0/24', 'eth0', { flags: ['linkdown'] })],
      {},
      'ignore_routes_with_linkdown of eth0 is not in the snapshot, and its link is down',
    ],
    [
      'unless it is asked without regard for links',
      [route('10.0.0.0/24', 'eth0', { flags: ['linkdown'] })],
      { ignoresLinkState: true },
      'eth0',
    ],
    [
      'only routes by the interface that is asked for',
      [route('10.0.0.0/24', 'eth0'), route('10.0.0.0/24', 'eth1', { metric: 9 }), route('0.0.0.0/0', 'eth0')],
      { outInterface: 'eth1' },
      'eth1',
    ],
    [
      'an encapsulation is not modelled',
      [route('10.0.0.0/24', 'eth0', { flags: ['encap'] })],
      {},
      "the route has 'encap', which is not modelled",
    ],
    [
      'a type of service that was not read is undecided for packets with one',
      [route('10.0.0.0/24', 'eth0', { flags: ['tos'] })],
      { tos: 8 },
      "the route has 'tos', which is not understood",
    ],
    ['and none for packets without', [route('10.0.0.0/24', 'eth0', { flags: ['tos'] }), route('0.0.0.0/0', 'eth1')], {}, 'eth1'],
  ])('%s', (_, routes, query, expected) => {
    expect(answer(routingOf(routes), query)).toBe(expected);
  });

  test.each([
    [1, 0, 'eth1'],
    [0, 1, 'eth1'],
    [0, 0, 'eth0'],
  ])('ignore_routes_with_linkdown of all (%i) or of the interface (%i) makes %s', (all, own, expected) => {
    const settings = sysctls({
      'net.ipv4.conf.all.ignore_routes_with_linkdown': all,
      'net.ipv4.conf.eth0.ignore_routes_with_linkdown': own,
    });
    const routes = [route('10.0.0.0/24', 'eth0', { flags: ['linkdown'] }), route('0.0.0.0/0', 'eth1')];
    expect(answer(routingOf(routes, plain(), { sysctls: settings }))).toBe(expected);
  });

  test('of IPv6 several routes of one metric take turns, unless one is by the interface that the packet came by', () => {
    const routing = routingOf([route('fd00::/64', 'eth0'), route('fd00::/64', 'eth1')], plain('ip6'));
    const query = { destination: address('fd00::1') };
    expect(answer(routing, query)).toMatch(/takes turns$/);
    expect(answer(routing, { ...query, preferred: 'eth1' })).toBe('eth1');
    expect(answer(routing, { ...query, outInterface: 'eth0', strict: true })).toBe('eth0');
  });

  test('of several next hops those that are dead are none', () => {
    const hop = (name: string, flags: readonly string[] = []): NextHop => ({ interface: name, gateway: null, weight: 1, flags });
    const multipath = route('10.0.0.0/24', 'eth0', { multipath: true, nextHops: [hop('eth0', ['dead']), hop('eth1')] });
    const query = { destination: address('10.0.0.1'), source: null, inInterface: null, mark: 0 };
    expect(routingOf([multipath]).usableHops(multipath, query)).toEqual([hop('eth1')]);
  });
});

describe('PW9 the source that MASQUERADE takes', () => {
  const chosen = (addresses: readonly InterfaceAddress[], out: string, to: string, more: Partial<Snapshot> = {}): string => {
    const found = routingOf([], [], { addresses: read(addresses, ''), ...more }).masqueradeAddress(out, address(to));
    return found === null ? 'unknown' : found === 'none' ? 'none' : found.words.map((word) => word.toString(16)).join(':');
  };

  test('the far end of a point-to-point address is its subnet', () => {
    const list = [ownAddress('eth0', '10.1.0.1/24'), ownAddress('eth0', '10.9.0.1/32', { peer: address('10.5.0.2') })];
    expect(chosen(list, 'eth0', '10.5.0.2')).toBe('a090001');
  });

  test('temporary addresses depend on a setting that is not in a snapshot', () => {
    const list = [ownAddress('eth0', 'fd00::1/64'), ownAddress('eth0', 'fd00::2/64', { flags: ['temporary'] })];
    expect(chosen(list, 'eth0', 'fd00::9')).toBe('unknown');
  });

  test('a deprecated address is the last choice, a tentative one none', () => {
    const list = [
      ownAddress('eth0', 'fd00::1/64', { flags: ['deprecated'] }),
      ownAddress('eth0', 'fd00::2/64', { flags: ['tentative'] }),
      ownAddress('eth0', 'fd05::3/64'),
    ];
    expect(chosen(list, 'eth0', 'fd00::9')).toBe('fd050000:0:0:3');
  });

  test('to a link-local address only an address of the interface', () => {
    expect(chosen([ownAddress('eth1', 'fd00::1/64')], 'eth0', 'fe80::9')).toBe('none');
  });

  test('without addresses in the snapshot nobody knows', () => {
    expect(chosen([], 'eth0', '10.0.0.1', { addresses: missing('net/addr', 'no ip') })).toBe('unknown');
  });
});
