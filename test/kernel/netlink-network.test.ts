import { afterAll, expect, test } from 'vitest';
import { formatPrefix } from '#facts/address.ts';
import type { Result } from '#facts/result.ts';
import * as text from '#formats/ip-json.ts';
import * as netlink from '#formats/netlink/rtnetlink.ts';
import { inNamespace } from './netlink/namespace.ts';

// Links, addresses, routes, rules and neighbours of every kind that this kernel has, as the kernel and as iproute2 tell them.
const node = inNamespace(`
ip link set lo up
ip link add eth0x mtu 1450 type veth peer name cali1a2
ip link add br0 type bridge
ip link set eth0x up; ip link set cali1a2 up; ip link set br0 up
ip link add port0 type veth peer name port1
ip link set port0 master br0; ip link set port0 up; ip link set port1 up
ip tuntap add tun0 mode tun; ip link set tun0 up
ip addr add 10.0.0.1/24 brd + dev cali1a2
ip addr add 10.55.0.9/24 dev cali1a2 scope link
ip addr add 169.254.1.1 peer 169.254.1.2 dev cali1a2
ip addr add fd00::1/64 dev cali1a2 nodad
ip addr add fd00::7 peer fd00::8 dev cali1a2 nodad
ip addr add 192.168.7.1/24 dev tun0
ip addr add fd00::9/64 dev cali1a2 nodad preferred_lft 0
ip route add 10.1.0.0/16 via 10.0.0.2
ip route add 10.2.0.0/16 via 10.0.0.2 dev cali1a2 table 100 metric 5 src 10.0.0.1
ip route add default via 10.0.0.254
ip route add 10.6.0.0/16 via inet6 fd00::2 dev cali1a2
ip route add unreachable 10.7.0.0/16
ip route add blackhole 10.65.0.0/26 proto 80
ip route add prohibit 10.66.0.0/26 metric 7
ip route add throw 10.67.0.0/26 table 253
ip route add 10.65.0.2 dev cali1a2 scope link
ip route add 10.68.0.0/16 tos 0x10 via 10.0.0.2
ip route add 10.69.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop via 10.0.0.3
ip route add 10.70.0.0/16 nexthop dev cali1a2 nexthop dev tun0
ip route add 10.71.0.0/16 via 10.99.0.1 dev cali1a2 onlink mtu lock 1300 advmss 1200
ip route add 10.72.0.0/16 nexthop via 10.0.0.2 dev cali1a2
ip route add 10.73.0.0/16 dev port1
ip route add multicast 224.1.0.0/16 dev cali1a2 scope link
ip nexthop add id 1 via 10.0.0.4 dev cali1a2
ip nexthop add id 2 via 10.0.0.5 dev cali1a2
ip nexthop add id 3 group 1/2
ip nexthop add id 4 blackhole
ip route add 10.74.0.0/16 nhid 1
ip route add 10.75.0.0/16 nhid 3
ip route add 10.76.0.0/16 nhid 4
ip -6 route add fd01::/64 via fd00::2
ip -6 route add fd02::/64 nexthop via fd00::2 dev cali1a2 nexthop via fd00::3 dev cali1a2
ip -6 route add unreachable fd03::/64 table 200
ip -6 route add fd04::/64 from fd00::/64 via fd00::2 dev cali1a2
ip -6 route add default via fd00::2 metric 99
ip rule add fwmark 0x10/0xf0 table 100
ip rule add iif cali1a2 prohibit
ip rule add not from 10.0.0.0/8 to 10.9.0.0/16 lookup 200
ip rule add ipproto tcp dport 80 lookup 100
ip rule add uidrange 0-10 lookup 100 suppress_prefixlength 0
ip rule add fwmark 5 goto 32766
ip rule add oif tun0 tos 0x10 blackhole
ip rule add sport 1-99 unreachable
ip rule add iif gone0 lookup 7
ip -6 rule add from fd00::/64 lookup 200
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev cali1a2
ip neigh add 10.0.0.3 dev cali1a2 nud failed
ip neigh add fd00::2 lladdr 02:00:00:00:00:02 dev cali1a2 nud reachable
ip neigh add proxy 10.0.0.77 dev cali1a2
bridge fdb add 02:00:00:00:00:09 dev port0 master static
for i in 1 2 3 4 5 6 7 8 9 10; do ip -6 addr show tentative | grep -q . || break; sleep 0.3; done
ip -j -d link show > $OUT/link
ip -j addr show > $OUT/addr
ip -j -4 route show table all > $OUT/route4
ip -j -6 route show table all > $OUT/route6
ip -j -4 rule show > $OUT/rule4
ip -j -6 rule show > $OUT/rule6
ip -j neigh show > $OUT/neigh
bridge fdb show > $OUT/fdb
read_kernel
`);
afterAll(() => node.close());

function value<T>(result: Result<readonly T[]>): readonly T[] {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

/** Without the place and the text of the source, sorted: an order is no fact of the node here. */
function facts<T extends object>(result: Result<readonly T[]>): readonly string[] {
  return value(result)
    .map((fact) => JSON.stringify({ ...fact, at: 0, text: '', unmodelled: sorted((fact as { unmodelled?: string }).unmodelled) }))
    .toSorted();
}

function sorted(selectors: string | undefined): readonly string[] {
  return selectors === undefined || selectors === ''
    ? []
    : Object.entries(JSON.parse(selectors) as object)
        .map(String)
        .toSorted();
}

const namesResult = netlink.readInterfaceNames(node.netlink('link'), 'netlink/link');
if (!namesResult.ok) throw new Error('no names');
const names = namesResult.value;

test('nothing was missing', () => {
  expect(node.missing).toEqual([]);
});

test('links of rtnetlink equal those of ip -j -d link', () => {
  const read = netlink.readLinks(node.netlink('link'), 'netlink/link');
  expect(facts(read)).toEqual(facts(text.readLinks(node.output('link'), 'net/link.json')));
  expect(value(read).find(({ name }) => name === 'port0')).toMatchObject({ kind: 'veth', master: 'br0' });
});

test('addresses of rtnetlink equal those of ip -j addr', () => {
  const read = facts(netlink.readAddresses(node.netlink('addr'), 'netlink/addr', names));
  expect(read).toEqual(facts(text.readAddresses(node.output('addr'), 'net/addr.json')));
  expect(read.length).toBeGreaterThan(8);
});

test('routes of rtnetlink equal those of ip -j route show table all', () => {
  const read = facts(netlink.readRoutes(node.netlink('route'), 'netlink/route', names));
  const four = facts(text.readRoutes(node.output('route4'), 'net/route.json', 'ip'));
  const six = facts(text.readRoutes(node.output('route6'), 'net/route.json', 'ip6'));
  expect(read).toEqual([...four, ...six].toSorted());
  expect(read.length).toBeGreaterThan(40);
});

test('a route that only names its nexthop object says so, by netlink and by ip -j', () => {
  const bare = inNamespace(`
    ip link set lo up; ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up
    ip addr add 10.0.0.1/24 dev v0; sysctl -qw net.ipv4.nexthop_compat_mode=0
    ip nexthop add id 1 via 10.0.0.4 dev v0; ip route add 10.74.0.0/16 nhid 1
    ip -j -4 route show > $OUT/route; read_kernel`);
  try {
    const links = netlink.readInterfaceNames(bare.netlink('link'), 'l');
    const read = links.ok ? value(netlink.readRoutes(bare.netlink('route'), 'r', links.value)) : [];
    const both = [...read, ...value(text.readRoutes(bare.output('route'), 'r'))].filter(({ flags }) => flags.includes('nhid'));
    expect(both.map((route) => [route.interface, route.gateway, formatPrefix(route.destination)])).toEqual([
      [null, null, '10.74.0.0/16'],
      [null, null, '10.74.0.0/16'],
    ]);
  } finally {
    bare.close();
  }
});

test('routing rules of rtnetlink equal those of ip -j rule', () => {
  const read = facts(netlink.readRoutingRules(node.netlink('rule'), 'netlink/rule'));
  const four = facts(text.readRoutingRules(node.output('rule4'), 'net/rule.json', 'ip'));
  const six = facts(text.readRoutingRules(node.output('rule6'), 'net/rule.json', 'ip6'));
  expect(read).toEqual([...four, ...six].toSorted());
});

test('neighbours of rtnetlink equal those of ip -j neigh', () => {
  const read = facts(netlink.readNeighbours(node.netlink('neigh'), 'netlink/neigh', names));
  expect(read).toEqual(facts(text.readNeighbours(node.output('neigh'), 'net/neigh.json')));
  expect(read).toHaveLength(3);
});

test('the forwarding table of a bridge names the port of each address, and which are the node’s own', () => {
  const entries = value(netlink.readBridgeEntries(node.netlink('neigh'), 'netlink/neigh', names));
  const shown = node
    .output('fdb')
    .split('\n')
    .filter((line) => line.includes(' master '));
  expect(entries.length).toBe(shown.length);
  expect(entries.find(({ mac }) => mac === '02:00:00:00:00:09')).toMatchObject({ bridge: 'br0', port: 'port0', local: false, vlan: null });
  for (const { mac, port, local } of entries)
    expect(shown.find((line) => line.startsWith(`${mac} dev ${port} `))?.includes(' permanent')).toBe(local);
});
