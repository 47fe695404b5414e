import { base } from '../packet-judge/packets.ts';
import type { ScenePacket } from '../packet-judge/scene.ts';
import { type KernelCase, letter, packetsOf, rulesOf } from './kernel-case.ts';

/** A node's routes and settings, and packets: where the kernel takes them, and the walk must say the same of each. */
interface Case {
  readonly only?: 'this' | 'second';
  readonly title: string;
  readonly setup: readonly string[];
  /** Rules of the nat, mangle and filter tables, as `table CHAIN rule`. */
  readonly rules?: readonly string[];
  readonly packets: readonly Partial<ScenePacket>[];
  /** Of each packet: A, B delivered at that interface, L to the node itself, d dropped, r rejected, ? depends, u not modelled. */
  readonly expect: string;
  /** The source that a delivered packet has, where that is the point. */
  readonly from?: readonly string[];
}

const udp = { protocol: 17, tcpFlags: 0 } as const;
const six = { from: 'fd01::5', to: 'fd02::5' } as const;
const to = (...addresses: readonly string[]): readonly Partial<ScenePacket>[] => addresses.map((address) => ({ to: address }));
const from = (...addresses: readonly string[]): readonly Partial<ScenePacket>[] => addresses.map((address) => ({ from: address }));
const host = (address: string, far: string): Partial<ScenePacket> => ({ origin: 'host', from: address, to: far, ...udp });

/** The kernel makes an address's own route by itself, a little later. */
const untilLocal = (address: string): string =>
  `for i in 1 2 3 4 5 6 7 8 9; do ip -6 route show table local | grep -q ${address} && break; sleep 0.1; done`;

const cases: readonly Case[] = [
  {
    title: 'PW5 the longest prefix counts, and of one prefix the least metric',
    setup: [
      'ip route add 10.9.0.0/16 dev tunB',
      'ip route add 10.9.1.0/24 dev tunA metric 5',
      'ip route add 10.9.1.0/24 dev tunB metric 9',
      'ip route add 10.9.1.7/32 dev tunB',
    ],
    packets: to('10.9.5.5', '10.9.1.5', '10.9.1.7', '10.77.0.1'),
    expect: 'BABr',
  },
  {
    title: 'PW5 of several IPv4 default routes of one metric what is forwarded takes the first; what the node sends is undecided',
    setup: ['ip route add default via 10.1.0.9 dev tunA metric 5', 'ip route append default via 10.2.0.9 dev tunB metric 5'],
    packets: [{ to: '10.77.0.1' }, { origin: 'tunB', from: '10.2.0.5', to: '10.77.0.1' }, host('10.1.0.1', '10.77.0.1')],
    expect: 'AAu',
  },
  {
    title: 'PW5 of IPv4 default routes of several metrics, or without a gateway, the first counts',
    setup: ['ip route add default via 10.2.0.9 dev tunB metric 5', 'ip route add default via 10.1.0.9 dev tunA metric 9'],
    packets: [{ to: '10.77.0.1' }, host('10.1.0.1', '10.77.0.1')],
    expect: 'BB',
  },
  {
    title: 'PW5 unreachable and prohibit answer, blackhole does not, throw goes on to the next rule',
    setup: [
      'ip route add unreachable 10.9.1.0/24',
      'ip route add prohibit 10.9.2.0/24',
      'ip route add blackhole 10.9.3.0/24',
      'ip route add throw 10.9.4.0/24 table 9',
      'ip route add 10.9.0.0/16 dev tunB table 9',
      'ip route add 10.9.4.0/24 dev tunA',
      'ip rule add to 10.9.4.0/23 lookup 9',
    ],
    packets: to('10.9.1.1', '10.9.2.1', '10.9.3.1', '10.9.4.1', '10.9.5.1'),
    expect: 'rrdAB',
  },
  {
    title: 'PW5 without a route nothing is answered by an interface that does not forward',
    setup: ['sysctl -qw net.ipv4.conf.tunA.forwarding=0', 'ip route add unreachable 10.9.1.0/24'],
    packets: to('10.77.0.1', '10.9.1.1', '10.2.0.5', '10.1.0.1'),
    expect: 'dddL',
  },
  {
    title: 'PW5 rules select by source, destination, mark, interface, protocol, port and type of service, and their negation',
    setup: [
      'ip route add default dev tunB table 10',
      'ip route add default dev tunA',
      'ip rule add from 10.1.7.0/24 lookup 10',
      'ip rule add to 10.50.1.0/24 lookup 10',
      'ip rule add fwmark 0x5/0xf lookup 10',
      'ip rule add iif tunB to 10.50.9.0/24 lookup 10',
      'ip rule add iif lo to 10.50.8.0/24 lookup 10',
      'ip rule add ipproto udp dport 53 lookup 10',
      'ip rule add sport 1000-1010 lookup 10',
      'ip rule add not to 10.50.0.0/16 lookup 10',
      'ip rule add iif gone0 prohibit',
    ],
    rules: ['mangle PREROUTING -p tcp -m tcp --dport 81 -j MARK --set-mark 0x35'],
    packets: [
      { from: '10.1.7.1', to: '10.50.5.5' },
      { to: '10.50.1.5' },
      { to: '10.50.5.5', toPort: 81 },
      { to: '10.50.5.5' },
      { origin: 'tunB', from: '10.2.0.5', to: '10.50.9.5' },
      { to: '10.50.9.5' },
      { origin: 'host', from: '10.1.0.1', to: '10.50.8.5', ...udp, toPort: 99 },
      { to: '10.50.8.5' },
      { to: '10.50.5.5', ...udp, toPort: 53 },
      { to: '10.50.5.5', ...udp, toPort: 54 },
      { to: '10.50.5.5', toPort: 53 },
      { to: '10.51.5.5' },
    ],
    expect: 'BBBABABABAAB',
  },
  {
    title: 'PW5 rules that refuse, skip, suppress, and go elsewhere',
    setup: [
      'ip route add default dev tunB table 10',
      'ip route add 10.50.0.0/16 dev tunA table 10',
      'ip route add 10.60.0.0/16 dev tunA',
      'ip rule add pref 100 to 10.60.1.0/24 unreachable',
      'ip rule add pref 101 to 10.60.2.0/24 prohibit',
      'ip rule add pref 102 to 10.60.3.0/24 blackhole',
      'ip rule add pref 103 to 10.60.4.0/24 goto 120',
      'ip rule add pref 110 to 10.60.4.0/24 blackhole',
      'ip rule add pref 120 lookup 10 suppress_prefixlength 0',
      'ip rule add pref 121 to 10.60.5.0/24 nop',
      'ip rule add pref 122 to 10.60.6.0/24 goto 150',
    ],
    packets: to('10.60.1.1', '10.60.2.1', '10.60.3.1', '10.60.4.1', '10.50.1.1', '10.60.5.1', '10.60.6.1', '10.70.1.1'),
    expect: 'rrdAAAAr',
  },
  {
    title: 'PW5 a route of a type of service is for packets that have it',
    setup: ['ip route add 10.9.0.0/16 tos 0x10 dev tunB', 'ip route add 10.9.0.0/16 dev tunA'],
    rules: ['mangle OUTPUT -p udp -m udp --dport 443 -j TOS --set-tos 0x10/0xff'],
    packets: [{ to: '10.9.1.1' }, host('10.1.0.1', '10.9.1.1'), { ...host('10.1.0.1', '10.9.1.1'), toPort: 443 }],
    expect: 'AAB',
  },
  {
    title: 'PW5 of several next hops any may be taken',
    setup: ['ip route add 10.9.0.0/16 nexthop dev tunA weight 1 nexthop dev tunB weight 3'],
    packets: [...to('10.9.1.1', '10.9.1.2', '10.9.1.3', '10.9.1.4'), host('10.1.0.1', '10.9.1.5')],
    expect: '?????',
  },
  {
    title: 'PW5 of several next hops any may be taken, by IPv6 too',
    setup: ['ip -6 route add fd09::/64 nexthop via fd01::9 dev tunA nexthop via fd02::9 dev tunB'],
    packets: [
      { ...six, to: 'fd09::1' },
      { ...six, to: 'fd09::2' },
      { ...six, to: 'fd09::3' },
    ],
    expect: '???',
  },
  {
    title: 'PW5 without policy rules a route of main inside a local one is not decided; with one, local comes first',
    setup: ['ip route add local 10.9.0.0/16 dev lo', 'ip route add 10.9.7.0/24 dev tunB'],
    packets: to('10.9.7.1', '10.9.1.1'),
    expect: 'uL',
  },
  {
    title: 'PW5 with a policy rule local comes before main, whatever the prefix',
    setup: ['ip rule add fwmark 77 lookup 7', 'ip route add local 10.9.0.0/16 dev lo', 'ip route add 10.9.7.0/24 dev tunB'],
    packets: to('10.9.7.1', '10.9.1.1'),
    expect: 'LL',
  },
  {
    title: 'PW5 IPv6: prefix, metric, refusals, and the first address of a subnet as anycast',
    setup: [
      'ip -6 route add fd09::/48 dev tunA',
      'ip -6 route add fd09:0:0:1::/64 dev tunB metric 5',
      'ip -6 route add fd09:0:0:1::/64 dev tunA metric 9',
      'ip -6 route add unreachable fd09:0:0:2::/64',
      'ip -6 route add prohibit fd09:0:0:3::/64',
      'ip -6 route add blackhole fd09:0:0:4::/64',
    ],
    packets: ['fd09::1', 'fd09:0:0:1::1', 'fd09:0:0:2::1', 'fd09:0:0:3::1', 'fd09:0:0:4::1', 'fd0a::1', 'fd02::'].map((address) => ({
      ...six,
      to: address,
    })),
    expect: 'ABrrdrL',
  },
  {
    title: 'PW5 IPv6: routes for some sources only',
    setup: ['ip -6 route add fd09::/64 dev tunB from fd01::/64', 'ip -6 route add fd09::/48 dev tunA'],
    packets: [
      { ...six, to: 'fd09::1' },
      { from: 'fd05::1', to: 'fd09::1' },
    ],
    expect: 'BA',
  },
  {
    title: 'PW6 martians: sources and destinations that no route is looked up for',
    setup: [],
    packets: [
      ...from('0.0.0.0', '0.1.2.3', '127.0.0.5', '224.0.0.5', '255.255.255.255', '240.0.0.1'),
      ...to('0.0.0.5', '127.0.0.1', '10.1.255.255', '255.255.255.255', '10.2.255.255', '240.0.0.1'),
    ],
    expect: 'dBdddBrdLLLr',
  },
  {
    title: 'PW6 martians of IPv6: multicast and loopback sources come not in, link-local and unspecified go no further',
    setup: [],
    packets: [
      ...from('ff02::5', '::1', 'fe80::5', '::').map((each) => ({ ...six, ...each })),
      { from: 'fe80::5', to: 'fd01::1' },
      { ...six, to: '::1' },
    ],
    expect: 'ddrdLd',
  },
  {
    title: 'PW6 route_localnet lets loopback addresses in',
    setup: ['sysctl -qw net.ipv4.conf.tunA.route_localnet=1'],
    packets: [...from('127.0.0.5', '127.0.0.1'), ...to('127.0.0.1')],
    expect: 'udL',
  },
  {
    title: 'PW6 rp_filter 1 wants the route back by the same interface',
    setup: ['sysctl -qw net.ipv4.conf.tunA.rp_filter=1', 'ip route add 10.8.0.0/16 dev tunB', 'ip route add unreachable 10.7.0.0/16'],
    packets: from('10.1.0.5', '10.2.0.9', '10.8.0.1', '10.7.0.1', '10.99.0.1', '10.1.255.255', '10.2.0.1'),
    expect: 'Bdddddd',
  },
  {
    title: 'PW6 rp_filter 2 wants any route back',
    setup: ['sysctl -qw net.ipv4.conf.all.rp_filter=2', 'ip route add 10.8.0.0/16 dev tunB', 'ip route add unreachable 10.7.0.0/16'],
    packets: from('10.1.0.5', '10.8.0.1', '10.7.0.1', '10.99.0.1', '10.1.255.255', '10.2.0.1'),
    expect: 'BBdddd',
  },
  {
    title: 'PW6 rp_filter takes any of several next hops back',
    setup: ['sysctl -qw net.ipv4.conf.tunA.rp_filter=1', 'ip route add 10.8.0.0/16 nexthop dev tunB nexthop dev tunA'],
    packets: from('10.8.0.1', '10.99.0.1'),
    expect: 'Bd',
  },
  {
    title: 'PW6 rp_filter asks the rules as of a packet that comes back by the interface that this one leaves by',
    setup: [
      'sysctl -qw net.ipv4.conf.tunA.rp_filter=1',
      'ip route add 10.8.0.0/16 dev tunA table 10',
      'ip rule add iif tunB lookup 10',
      'ip route add 10.8.0.0/16 dev tunB',
    ],
    packets: [{ from: '10.8.0.1' }, { from: '10.8.0.1', to: '10.1.0.1' }],
    expect: 'Bd',
  },
  {
    title: 'PW6 without rp_filter own addresses are no source, unless accept_local; a broadcast address is not looked for',
    setup: ['sysctl -qw net.ipv4.conf.tunB.accept_local=1'],
    packets: [
      ...from('10.1.0.1', '10.2.0.1', '10.99.0.1'),
      { origin: 'tunB', from: '10.1.0.1', to: '10.1.0.9' },
      { origin: 'tunB', from: '10.1.0.1', to: '10.2.0.1' },
    ],
    expect: 'ddBAL',
  },
  {
    title: 'PW6 with policy rules a broadcast address is no source either',
    setup: ['ip rule add fwmark 77 lookup 7'],
    packets: from('10.1.255.255', '10.2.255.255', '10.1.0.1', '10.99.0.1'),
    expect: 'dddB',
  },
  {
    title: 'PW9 MASQUERADE takes the first primary address of global scope, rather one in the subnet of the next hop',
    setup: [
      'ip addr add 10.2.0.77/16 dev tunB',
      'ip addr add 172.16.5.1/24 dev tunB',
      'ip addr add 10.66.0.1/24 scope link dev tunB',
      'ip route add 172.16.9.0/24 via 172.16.5.9 dev tunB',
      'ip route add 10.66.9.0/24 via 10.66.0.9 dev tunB',
    ],
    rules: ['nat POSTROUTING -o tunB -j MASQUERADE'],
    packets: to('10.2.0.5', '172.16.5.7', '172.16.9.7', '10.66.9.7'),
    expect: 'BBBB',
    from: ['10.2.0.1', '172.16.5.1', '172.16.5.1', '10.2.0.1'],
  },
  {
    title: 'PW9 MASQUERADE on an interface without addresses takes one of the first interface that has one',
    setup: ['ip addr flush dev tunB', 'ip route add 10.2.0.0/16 dev tunB', 'ip addr add 10.44.0.1/32 dev lo'],
    rules: ['nat POSTROUTING -o tunB -j MASQUERADE'],
    packets: [{}],
    expect: 'B',
    from: ['10.44.0.1'],
  },
  {
    title: 'PW9 MASQUERADE without any global address drops',
    setup: ['ip addr flush dev tunB', 'ip addr flush dev tunA', 'ip route add 10.2.0.0/16 dev tunB', 'ip route add 10.1.0.0/16 dev tunA'],
    rules: ['nat POSTROUTING -o tunB -j MASQUERADE'],
    packets: [{}],
    expect: 'd',
  },
  {
    title: 'PW9 MASQUERADE of IPv6 chooses by scope, interface, label and common prefix',
    setup: [
      'ip -6 addr add 2001:db8:1::1/64 dev tunB nodad',
      'ip -6 addr add fd02:0:0:7::1/64 dev tunB nodad',
      'ip -6 addr add fd44::1/128 dev lo nodad',
      'ip -6 addr add 2001:db8:9::1/64 dev tunA nodad',
      'ip -6 route add 2001:db8:1:5::/64 dev tunB',
      'ip -6 route add fd02:0:0:7:1::/80 dev tunB',
      'ip -6 route add fd44:1::/64 dev tunB',
    ],
    rules: ['6nat POSTROUTING -o tunB -j MASQUERADE'],
    packets: ['fd02::5', '2001:db8:1::5', '2001:db8:1:5::5', 'fd02:0:0:7:1::5', 'fd44:1::5'].map((address) => ({ ...six, to: address })),
    expect: 'BBBBB',
    from: ['fd02::1', '2001:db8:1::1', '2001:db8:1::1', 'fd02:0:0:7::1', 'fd02:0:0:7::1'],
  },
  {
    title: 'PW9 MASQUERADE of IPv6 to the node itself takes the address itself',
    setup: ['ip -6 addr add fd44::1/128 dev lo nodad', untilLocal('fd44::1')],
    rules: ['6nat POSTROUTING -o lo -j MASQUERADE'],
    packets: [{ origin: 'host', from: 'fd01::1', to: 'fd44::1', ...udp }],
    expect: 'L',
    from: ['fd44::1'],
  },
  {
    title: 'PW9 REDIRECT goes to the first address of the interface',
    setup: ['ip addr add 172.16.5.1/24 dev tunA', 'ip -6 addr add 2001:db8:1::1/64 dev tunA nodad', untilLocal('2001:db8:1::1')],
    rules: ['nat PREROUTING -i tunA -j REDIRECT', '6nat PREROUTING -i tunA -j REDIRECT'],
    packets: [{}, six],
    expect: 'LL',
  },
  {
    title: 'PW16 addrtype by the table local, of an interface or of all',
    setup: ['ip route add unreachable 10.7.0.0/16', 'ip route add local 10.9.0.0/16 dev lo', 'ip rule add fwmark 77 lookup 7'],
    rules: [
      'mangle PREROUTING -m addrtype --dst-type LOCAL --limit-iface-in -m comment --comment in -j DROP',
      'mangle PREROUTING -m addrtype --dst-type BROADCAST,MULTICAST -j DROP',
      'mangle PREROUTING -p udp -m addrtype --dst-type UNREACHABLE -j DROP',
      'mangle PREROUTING -p udp -m addrtype ! --dst-type UNICAST -j DROP',
      'mangle PREROUTING -p udp -m addrtype --src-type UNICAST --limit-iface-in -m addrtype --src-type LOCAL -j DROP',
    ],
    packets: [
      ...to('10.1.0.1', '10.2.0.1', '10.1.255.255', '10.9.0.1', '10.2.0.5', '10.7.0.1'),
      { ...udp, to: '10.7.0.1' },
      { ...udp, to: '10.9.0.1' },
      { ...udp },
    ],
    expect: 'dLdLBrrdB',
  },
  {
    title: 'PW16 addrtype of IPv6: each of what the address says, any of what the routes say',
    setup: ['ip -6 route add unreachable fd07::/64'],
    rules: [
      '6mangle PREROUTING -p tcp -m addrtype --dst-type LOCAL --limit-iface-in -j DROP',
      '6mangle PREROUTING -p udp -m udp --dport 53 -m addrtype --dst-type LOCAL,UNREACHABLE -j DROP',
      '6mangle PREROUTING -p udp -m udp --dport 80 -m addrtype --dst-type UNICAST,LOCAL -j DROP',
      '6mangle PREROUTING -p udp -m udp --dport 443 -m addrtype --dst-type ANYCAST -j DROP',
      '6mangle PREROUTING -p udp -m udp --dport 8080 -m addrtype --dst-type MULTICAST -j DROP',
    ],
    packets: [
      { ...six, to: 'fd01::1' },
      { ...six, to: 'fd02::1' },
      six,
      { ...six, ...udp, to: 'fd01::1', toPort: 53 },
      { ...six, ...udp, to: 'fd07::1', toPort: 53 },
      { ...six, ...udp, toPort: 53 },
      { ...six, ...udp, to: 'fd02::1', toPort: 80 },
      { ...six, ...udp, toPort: 80 },
      { ...six, ...udp, to: 'fd02::', toPort: 443 },
      { ...six, ...udp, toPort: 443 },
      { ...six, ...udp, toPort: 8080 },
    ],
    expect: 'dLBddBdBdBB',
  },
  {
    title: 'PW6 rpfilter: strict, loose, local, and of IPv6',
    setup: ['ip route add 10.8.0.0/16 dev tunB', 'ip route add blackhole 10.7.0.0/16', 'ip -6 route add fd08::/64 dev tunB'],
    rules: [
      'raw PREROUTING -p tcp -m rpfilter --invert -j DROP',
      'raw PREROUTING -p udp -m rpfilter --loose --invert -j DROP',
      '6raw PREROUTING -p tcp -m rpfilter --invert -j DROP',
      '6raw PREROUTING -p udp -m rpfilter --loose --invert -j DROP',
    ],
    packets: [
      ...from('10.1.0.5', '10.8.0.1', '10.7.0.1', '10.99.0.1', '10.1.255.255'),
      ...from('10.8.0.1', '10.7.0.1', '10.99.0.1', '10.1.0.1').map((each) => ({ ...each, ...udp })),
      ...from('fd01::5', 'fd08::1', 'fd77::1').map((each) => ({ ...six, ...each })),
      ...from('fd08::1', 'fd77::1', 'fd02::1').map((each) => ({ ...six, ...each, ...udp })),
    ],
    expect: 'BddddBdddBddBdd',
  },
  {
    title: 'PW6 rpfilter takes any of several next hops, and IPv6 any metric of the longest prefix',
    setup: [
      'ip route add 10.8.0.0/16 nexthop dev tunB nexthop dev tunA',
      'ip -6 route add fd08::/64 dev tunB metric 1',
      'ip -6 route add fd08::/64 dev tunA metric 9',
      'ip -6 route add fd08:0:0:0:1::/80 dev tunB',
    ],
    rules: ['raw PREROUTING -m rpfilter --invert -j DROP', '6raw PREROUTING -m rpfilter --invert -j DROP'],
    packets: [{ from: '10.8.0.1' }, { ...six, from: 'fd08::1' }, { ...six, from: 'fd08:0:0:0:1::1' }],
    expect: 'BBd',
  },
  {
    title: 'PW9 DNAT to ::1 from outside finds no route',
    setup: [],
    rules: ['6nat PREROUTING -i tunA -p tcp -m tcp --dport 81 -j DNAT --to-destination [::1]:80'],
    packets: [{ ...six, toPort: 81 }],
    expect: 'r',
  },
];

/** The letters of the requests, and behind them the sources that they arrived with, where those are the point. */
export const routingCases: readonly KernelCase[] = cases.map(({ title, only, setup, rules = [], packets, expect, from: sources }) => ({
  title,
  only,
  scene: { setup, rules: rulesOf(rules), nftFirst: false, packets: packetsOf(base, packets) },
  expect: [expect, ...(sources ?? [])].join(' '),
  shown: ({ judged }) => {
    const own = judged.map(({ walk }) => walk.request.out?.from.replace(/^\[?([^\]]*?)\]?:\d+$/, '$1') ?? '');
    return [judged.map(({ walk }) => letter(walk.request)).join(''), ...(sources === undefined ? [] : own)].join(' ');
  },
}));
