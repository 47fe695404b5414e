import { expect, test } from 'vitest';
import { parseAddress, parsePrefix } from '#facts/address.ts';
import type { Link, Neighbour, Route } from '#facts/network.ts';
import { read } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { readIptablesSave } from '#formats/iptables-save.ts';
import { podOf } from '../../../test/support/pod.ts';
import { emptySnapshot, sysctls } from '../../../test/support/snapshot-builder.ts';
import { checkTable } from './check-table.ts';
import { checkBaseNetwork } from './index.ts';

const veth = 'cali12ab34cd56e';
const at = { source: 'net/x.json', line: 1 };
const address = (text: string) => parseAddress(text) ?? expect.fail(text);
const prefix = (text: string) => parsePrefix(text) ?? expect.fail(text);

function link(name: string, more: Partial<Link> = {}): Link {
  const rest = { up: true, carrier: true, loopback: false, kind: null, master: null, mac: null, text: `{"ifname":"${name}"}` };
  return { index: 1, name, mtu: 1500, at, ...rest, ...more };
}

function route(destination: string, name: string): Route {
  const rest = { table: 'main', gateway: null, source: null, scope: null, metric: 0, flags: [], multipath: false, text: destination };
  return { family: 'ip', type: 'unicast', destination: prefix(destination), interface: name, at, ...rest };
}

const neighbour = (state: string, mac: string | null = 'ee:ee:ee:ee:ee:01'): Neighbour => ({
  address: address('10.244.1.5'),
  interface: veth,
  mac,
  state: [state],
  at,
});

const pod = podOf({ namespace: 'shop', name: 'orders', addresses: [address('10.244.1.5')] });

function calicoRules(name: string): Ruleset {
  const text = `*filter
:cali-from-wl-dispatch - [0:0]
:cali-to-wl-dispatch - [0:0]
-A cali-from-wl-dispatch -i ${name} -j ACCEPT
-A cali-from-wl-dispatch -j DROP
-A cali-to-wl-dispatch -o ${name} -j ACCEPT
-A cali-to-wl-dispatch -j DROP
COMMIT
`;
  const parsed = readIptablesSave([new TextEncoder().encode(text)], {
    backend: 'nft',
    family: 'ip',
    source: 'netfilter/iptables-nft-save',
  });
  return parsed.ok ? parsed.value : expect.fail(parsed.problem.found);
}

const noTables = (backend: 'legacy' | 'nft'): Ruleset => ({ backend, family: 'ip', source: 'x', tables: new Map(), unreadable: [] });
const rulesets = (nft: Ruleset): Snapshot['rulesets'] => ({
  legacy: { ...emptySnapshot.rulesets.legacy, ip: read(noTables('legacy'), 'x') },
  nft: { ...emptySnapshot.rulesets.nft, ip: read(nft, 'netfilter/iptables-nft-save') },
});

const settings = {
  'net.ipv4.ip_forward': 1,
  [`net.ipv4.conf.${veth}.forwarding`]: 1,
  [`net.ipv4.conf.${veth}.proxy_arp`]: 1,
  [`net.ipv4.conf.${veth}.rp_filter`]: 1,
  'net.ipv4.conf.all.rp_filter': 0,
  'fs.file-max': 2000000,
  'fs.file-nr': '1234\t0\t2000000',
  'net.netfilter.nf_conntrack_count': 10,
  'net.netfilter.nf_conntrack_max': 131072,
};

const healthy: Snapshot = {
  ...emptySnapshot,
  pods: read([pod], 'kubernetes/pods.json'),
  links: read([link('eth0'), link(veth), link('tunl0', { mtu: 1480, up: false })], 'net/link.json'),
  routes: read([route('0.0.0.0/0', 'eth0'), route('10.244.1.5/32', veth)], 'net/route.json'),
  routingRules: read([], 'net/rule.json'),
  neighbours: read([neighbour('REACHABLE')], 'net/neigh.json'),
  addresses: read([], 'net/addr.json'),
  sysctls: sysctls(settings),
  rulesets: rulesets(calicoRules(veth)),
};

const links = (...all: Link[]) => ({ ...healthy, links: read(all, 'net/link.json') });
const routes = (...all: Route[]) => ({ ...healthy, routes: read(all, 'net/route.json') });
const set = (name: string, value: number) => ({ ...healthy, sysctls: sysctls({ ...settings, [name]: value }) });
const other = 'cali00000000001';

const faults: readonly [id: string, rule: string, snapshot: Snapshot][] = [
  ['mtu-mismatch', 'a pod interface larger than the uplink', links(link('eth0', { mtu: 1400 }), link(veth))],
  ['mtu-mismatch', 'a pod interface larger than the tunnel', links(link('eth0'), link(veth), link('tunl0', { mtu: 1480 }))],
  [
    'mtu-mismatch',
    'a tunnel that does not leave room for its header',
    links(link('eth0'), link(veth, { mtu: 1400 }), link('v', { kind: 'vxlan', mtu: 1480 })),
  ],
  ['pod-route-missing', 'no route to the pod', routes(route('0.0.0.0/0', 'eth0'))],
  ['endpoint-without-veth', 'the interface of the route is gone', links(link('eth0'), link(other))],
  ['pod-interface-down', 'the interface has no carrier', links(link('eth0'), link(veth, { carrier: false }))],
  ['pod-neighbour-failed', 'the pod does not answer', { ...healthy, neighbours: read([neighbour('FAILED', null)], 'net/neigh.json') }],
  ['ip-forward-off', 'forwarding off as a whole', set('net.ipv4.ip_forward', 0)],
  ['ip-forward-off', 'forwarding off on one interface', set(`net.ipv4.conf.${veth}.forwarding`, 0)],
  ['endpoint-without-rules', 'a backend that knows other interfaces only', { ...healthy, rulesets: rulesets(calicoRules(other)) }],
  ['file-max-reached', 'as many files as allowed', set('fs.file-max', 1234)],
  ['conntrack-full', 'as many connections as allowed', set('net.netfilter.nf_conntrack_max', 10)],
  [
    'proxy-arp-off',
    'no proxy ARP and nobody owns the gateway',
    { ...healthy, sysctls: sysctls({ ...settings, [`net.ipv4.conf.${veth}.proxy_arp`]: 0, 'net.ipv4.conf.all.proxy_arp': 0 }) },
  ],
  [
    'reverse-path-filter-strict',
    'strict, and the way back to the pod is another interface',
    {
      ...links(link('eth0'), link(veth), link(other)),
      routes: read([route('0.0.0.0/0', 'eth0'), route('10.244.1.5/32', other)], 'net/route.json'),
    },
  ],
];

test('a healthy node rules out every check', () => {
  const report = checkBaseNetwork(healthy);
  expect(report.findings).toEqual([]);
  expect(report.undecided).toEqual([]);
  expect(report.ruledOut.map((entry) => entry.id)).toEqual(checkTable.map((check) => check.id));
});

test.each(faults)('%s: %s', (id, _rule, snapshot) => {
  const found = checkBaseNetwork(snapshot).findings;
  expect(found.map((finding) => finding.id)).toContain(id);
});

test('an empty snapshot leaves every check undecided, and says what is missing', () => {
  const report = checkBaseNetwork(emptySnapshot);
  expect([report.findings, report.ruledOut]).toEqual([[], []]);
  expect(report.undecided).toHaveLength(checkTable.length);
  for (const open of report.undecided) expect(open.missing).not.toBe('');
});

test.each(faults)('%s (%s): each check ends in exactly one way', (_id, _rule, snapshot) => {
  const report = checkBaseNetwork(snapshot);
  expect(report.findings.length + report.ruledOut.length + report.undecided.length).toBe(checkTable.length);
});

test('a rule is cited as its line stands in the dump', () => {
  const found = checkBaseNetwork({ ...healthy, rulesets: rulesets(calicoRules(other)) }).findings;
  expect(found[0]?.evidence).toEqual([
    expect.objectContaining({ source: 'netfilter/iptables-nft-save', line: 5, text: '-A cali-from-wl-dispatch -j DROP' }),
  ]);
});
