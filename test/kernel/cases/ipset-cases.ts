import { base } from '../packet-judge/packets.ts';
import type { Scene, ScenePacket } from '../packet-judge/scene.ts';
import { type KernelCase, packetsOf } from './kernel-case.ts';

/** A set, a match on it, and packets: the kernel drops what the match takes, and the walk must say the same of each. */
interface Case {
  readonly only?: 'this' | 'second';
  readonly title: string;
  readonly sets: readonly string[];
  /** After `-A FORWARD`, or after `-A` where it names another chain of raw or filter. */
  readonly match: string;
  readonly chain?: 'raw PREROUTING' | 'filter OUTPUT' | 'mangle POSTROUTING';
  readonly setup?: readonly string[];
  readonly ethernet?: 'routed';
  readonly packets: readonly Partial<ScenePacket>[];
  /** The verdict of each packet: d dropped (the match takes it), . delivered, ? open. */
  readonly expect: string;
}

const udp = { protocol: 17, tcpFlags: 0 } as const;
const gre = { protocol: 47, tcpFlags: 0 } as const;
const sctp = { protocol: 132, tcpFlags: 0 } as const;
const icmp = (type: number, code = 0): Partial<ScenePacket> => ({ protocol: 1, tcpFlags: 0, icmp: { type, code } });
const icmp6 = (type: number, code = 0): Partial<ScenePacket> => ({ ...six, protocol: 58, tcpFlags: 0, icmp: { type, code } });
const six = { from: 'fd01::5', to: 'fd02::5' } as const;
const from = (...addresses: readonly string[]): readonly Partial<ScenePacket>[] => addresses.map((address) => ({ from: address }));

const cases: readonly Case[] = [
  {
    title: 'bitmap:ip holds single addresses of its range',
    sets: ['create s bitmap:ip range 10.1.0.0-10.1.0.15', 'add s 10.1.0.0', 'add s 10.1.0.5', 'add s 10.1.0.15'],
    match: '--match-set s src',
    packets: from('10.1.0.5', '10.1.0.15', '10.1.0.6', '10.1.0.16', '10.1.9.5'),
    expect: 'dd...',
  },
  {
    title: 'bitmap:ip with a netmask holds networks',
    sets: ['create s bitmap:ip range 10.1.0.0/16 netmask 24', 'add s 10.1.3.9'],
    match: '! --match-set s src',
    packets: from('10.1.3.1', '10.1.3.255', '10.1.4.1'),
    expect: '..d',
  },
  {
    title: 'bitmap:port looks at TCP and UDP of both families alike, and at nothing else',
    sets: ['create s bitmap:port range 0-1023', 'add s 80', 'add s 53'],
    match: '--match-set s dst',
    packets: [{}, { ...udp }, { toPort: 443 }, { toPort: 8080 }, icmp(8), { ...gre }, { ...sctp }, { fragment: 'later' }],
    expect: 'dd......',
  },
  {
    title: 'bitmap:port takes IPv6 too',
    sets: ['create s bitmap:port range 0-1023', 'add s 80'],
    match: '! --match-set s dst',
    packets: [six, { ...six, toPort: 443 }, icmp6(128)],
    expect: '.dd',
  },
  {
    title: 'bitmap:ip,mac never matches what did not come by Ethernet',
    sets: ['create s bitmap:ip,mac range 10.1.0.0/16', 'add s 10.1.0.5'],
    match: '! --match-set s src,src',
    packets: from('10.1.0.5', '10.1.0.6'),
    expect: 'dd',
  },
  {
    title: 'bitmap:ip,mac without a MAC takes any frame of the address',
    ethernet: 'routed',
    sets: ['create s bitmap:ip,mac range 10.3.0.0/16', 'add s 10.3.0.5'],
    match: '--match-set s src,src',
    packets: [
      { origin: 'tapC', from: '10.3.0.5' },
      { origin: 'tapC', from: '10.3.0.6' },
    ],
    expect: 'd.',
  },
  {
    title: 'hash:ip holds addresses',
    sets: ['create s hash:ip', 'add s 10.1.0.5', 'add s 10.2.0.5'],
    match: '--match-set s src',
    packets: from('10.1.0.5', '10.1.0.6'),
    expect: 'd.',
  },
  {
    title: 'hash:ip with a netmask',
    sets: ['create s hash:ip netmask 24', 'add s 10.1.3.9'],
    match: '--match-set s src',
    packets: from('10.1.3.77', '10.1.4.77'),
    expect: 'd.',
  },
  {
    title: 'hash:ip with a netmask of IPv6',
    sets: ['create s hash:ip family inet6 netmask 80', 'add s fd01::5:0:0:9'],
    match: '--match-set s src',
    packets: [
      { ...six, from: 'fd01::5:1:2:3' },
      { ...six, from: 'fd01::6:1:2:3' },
    ],
    expect: 'd.',
  },
  {
    only: 'this',
    title: 'hash:ip with a bitmask',
    sets: ['create s hash:ip bitmask 255.255.0.255', 'add s 10.1.3.9'],
    match: '--match-set s src',
    packets: from('10.1.77.9', '10.1.3.8'),
    expect: 'd.',
  },
  {
    title: 'hash:ip,port compares protocol and port; GRE, SCTP and fragments are none',
    sets: ['create s hash:ip,port', 'add s 10.2.0.5,tcp:80', 'add s 10.2.0.5,udp:53'],
    match: '--match-set s dst,dst',
    packets: [{}, { ...udp, toPort: 53 }, { ...udp }, { toPort: 53 }, { to: '10.2.0.6' }, { ...gre }, { ...sctp }, icmp(8)],
    expect: 'dd......',
  },
  {
    title: 'hash:ip,port and `!`: what has no port matches',
    sets: ['create s hash:ip,port', 'add s 10.2.0.5,tcp:80'],
    match: '! --match-set s dst,dst',
    packets: [{}, { ...gre }, icmp(8), { fragment: 'later' }, { cut: 4 }],
    expect: '.dddd',
  },
  {
    title: 'hash:ip,port of protocols without ports, and of ICMP by type and code',
    sets: [
      'create s hash:ip,port',
      'add s 10.2.0.5,gre:0',
      'add s 10.2.0.5,icmp:echo-request',
      'add s 10.2.0.5,icmp:13/3',
      'add s 10.2.0.5,sctp:80',
      'add s 10.2.0.5,89:0',
    ],
    match: '--match-set s dst,dst',
    packets: [{ ...gre }, icmp(8), icmp(13), icmp(13, 3), { ...sctp }, { ...sctp, toPort: 81 }, icmp(8, 1)],
    expect: 'dd.dd..',
  },
  {
    title: 'hash:ip,port with directions apart',
    sets: ['create s hash:ip,port', 'add s 10.1.0.5,tcp:80'],
    match: '--match-set s src,dst',
    packets: [{}, { toPort: 443 }, { from: '10.1.0.6' }],
    expect: 'd..',
  },
  {
    title: 'hash:ip,port of IPv6',
    sets: ['create s hash:ip,port family inet6', 'add s fd02::5,tcp:80', 'add s fd02::5,icmpv6:128/0'],
    match: '--match-set s dst,dst',
    packets: [six, { ...six, toPort: 81 }, { ...six, to: 'fd02::6' }, icmp6(128), icmp6(129), {}],
    expect: 'd..d..',
  },
  {
    title: 'hash:ip,port,ip: two addresses around a port',
    sets: ['create s hash:ip,port,ip', 'add s 10.2.0.5,tcp:80,10.1.0.5'],
    match: '--match-set s dst,dst,src',
    packets: [{}, { from: '10.1.0.6' }, { to: '10.2.0.6' }, { toPort: 81 }],
    expect: 'd...',
  },
  {
    title: 'a match with too few directions finds nothing, and `!` everything',
    sets: ['create s hash:ip,port,ip', 'add s 10.2.0.5,tcp:80,10.1.0.5'],
    match: '! --match-set s dst,dst',
    packets: [{}, { from: '10.1.0.6' }],
    expect: 'dd',
  },
  {
    title: 'a match with more directions than the set has ignores the rest',
    sets: ['create s hash:ip', 'add s 10.2.0.5'],
    match: '--match-set s dst,src,src',
    packets: [{}, { to: '10.2.0.6' }],
    expect: 'd.',
  },
  {
    title: 'hash:ip,port,net: the longest net decides, nomatch too',
    sets: ['create s hash:ip,port,net', 'add s 10.2.0.5,tcp:80,10.1.0.0/16', 'add s 10.2.0.5,tcp:80,10.1.3.0/24 nomatch'],
    match: '--match-set s dst,dst,src',
    packets: from('10.1.0.5', '10.1.3.5', '10.3.0.5'),
    expect: 'd..',
  },
  {
    title: 'hash:net: the longest prefix decides, whatever the order of adding; nomatch for no',
    sets: ['create s hash:net', 'add s 10.1.3.7', 'add s 10.1.3.0/24 nomatch', 'add s 10.1.0.0/16', 'add s 10.1.3.128/25'],
    match: '--match-set s src',
    packets: from('10.1.0.5', '10.1.3.5', '10.1.3.7', '10.1.3.200'),
    expect: 'd.dd',
  },
  {
    title: 'hash:net --return-nomatch turns found members around',
    sets: ['create s hash:net', 'add s 10.1.3.0/24 nomatch', 'add s 10.1.0.0/16'],
    match: '--match-set s src --return-nomatch',
    packets: [...from('10.1.0.5', '10.1.3.5'), { from: '10.3.0.5' }],
    expect: '.d.',
  },
  {
    title: '--return-nomatch changes nothing for types without nomatch',
    sets: ['create s hash:ip', 'add s 10.1.0.5'],
    match: '--match-set s src --return-nomatch',
    packets: from('10.1.0.5', '10.1.0.6'),
    expect: 'd.',
  },
  {
    title: 'hash:net of IPv6',
    sets: ['create s hash:net family inet6', 'add s fd01::/64', 'add s fd01::8000:0:0:0/65 nomatch', 'add s fd01::9000:0:0:0/68'],
    match: '--match-set s src',
    packets: [six, { ...six, from: 'fd01::8000:0:0:1' }, { ...six, from: 'fd01::9000:0:0:1' }, {}],
    expect: 'd.d.',
  },
  {
    title: 'hash:net,port',
    sets: ['create s hash:net,port', 'add s 10.2.0.0/16,tcp:80', 'add s 10.2.3.0/24,tcp:80 nomatch', 'add s 10.2.3.0/24,udp:80'],
    match: '--match-set s dst,dst',
    packets: [{}, { to: '10.2.3.5' }, { to: '10.2.3.5', ...udp }, { ...udp }, icmp(8)],
    expect: 'd.d..',
  },
  {
    title: 'hash:net,iface takes the interface of its second direction',
    sets: ['create s hash:net,iface', 'add s 10.1.0.0/16,tunA'],
    match: '--match-set s src,src',
    packets: [{}, { origin: 'tunB', from: '10.2.0.5', to: '10.1.0.5' }],
    expect: 'd.',
  },
  {
    title: 'hash:net,iface of the output interface',
    sets: ['create s hash:net,iface', 'add s 10.1.0.0/16,tunB'],
    match: '--match-set s src,dst',
    packets: [{}, { to: '10.1.0.9' }],
    expect: 'd.',
  },
  {
    title: 'hash:net,iface where the hook has no such interface is no match',
    sets: ['create s hash:net,iface', 'add s 10.1.0.0/16,tunB'],
    match: '! --match-set s src,dst',
    chain: 'raw PREROUTING',
    packets: [{}],
    expect: 'd',
  },
  {
    title: 'hash:net,iface: a net that is there with another interface hides shorter ones',
    sets: ['create s hash:net,iface', 'add s 10.1.3.0/24,tunB', 'add s 10.1.0.0/16,tunA', 'add s 10.1.4.0/24,tunA nomatch'],
    match: '--match-set s src,src',
    packets: from('10.1.0.5', '10.1.3.5', '10.1.4.5'),
    expect: 'd..',
  },
  {
    title: 'hash:net,iface with wildcards and with several interfaces of one net',
    sets: ['create s hash:net,iface', 'add s 10.1.0.0/16,tunB', 'add s 10.1.0.0/16,tu wildcard', 'add s 10.1.5.0/24,tunAB wildcard'],
    match: '--match-set s src,src',
    packets: from('10.1.0.5', '10.1.5.5'),
    expect: 'd.',
  },
  {
    title: 'hash:net,iface of everything',
    sets: ['create s hash:net,iface', 'add s 0.0.0.0/0,tunA'],
    match: '--match-set s src,src',
    packets: [{}, { origin: 'tunB', from: '10.2.0.5', to: '10.1.0.5' }],
    expect: 'd.',
  },
  {
    title: 'list:set: the first set that has the packet, whatever the types and families',
    sets: [
      'create a hash:net',
      'add a 10.1.3.0/24',
      'add a 10.1.3.9 nomatch',
      'create b hash:ip,port',
      'add b 10.1.0.5,tcp:80',
      'create c hash:ip',
      'add c 10.1.3.9',
      'create d hash:ip family inet6',
      'create s list:set',
      'add s a',
      'add s b',
      'add s c',
      'add s d',
    ],
    match: '--match-set s src,dst',
    packets: [...from('10.1.3.5', '10.1.3.9', '10.1.0.5', '10.1.0.6'), { toPort: 443 }],
    expect: 'ddd..',
  },
  {
    title: 'list:set of sets of both families takes packets by each: a set of the other family has none',
    sets: [
      'create a hash:ip',
      'add a 10.1.0.5',
      'create b hash:ip family inet6',
      'add b fd01::5',
      'create s list:set',
      'add s a',
      'add s b',
    ],
    match: '! --match-set s src',
    packets: [...from('10.1.0.5', '10.1.0.6'), six, { ...six, from: 'fd01::6' }],
    expect: '.d.d',
  },
  {
    title: 'list:set with one direction leaves sets of two out',
    sets: [
      'create b hash:ip,port',
      'add b 10.1.0.5,tcp:80',
      'create c hash:ip',
      'add c 10.1.0.6',
      'create s list:set',
      'add s b',
      'add s c',
    ],
    match: '--match-set s src',
    packets: from('10.1.0.5', '10.1.0.6'),
    expect: '.d',
  },
  {
    title: 'an empty set has nothing, and `!` everything',
    sets: ['create s hash:net', 'create t list:set'],
    match: '! --match-set s src',
    packets: [{}],
    expect: 'd',
  },
  {
    title: 'a member that expires may be gone, and then a shorter net decides; one with timeout 0 stays',
    sets: ['create s hash:net timeout 600', 'add s 10.1.3.0/24', 'add s 10.1.0.0/16 timeout 0'],
    match: '--match-set s src',
    packets: from('10.1.0.5', '10.1.3.5', '10.3.0.5'),
    expect: 'dd.',
  },
  {
    title: 'a member that expires may be gone',
    sets: ['create s hash:ip timeout 600', 'add s 10.1.0.5'],
    match: '--match-set s src',
    packets: from('10.1.0.5', '10.1.0.6'),
    expect: '?.',
  },
  {
    title: 'conditions on counters are open where members have counters',
    sets: ['create s hash:ip counters', 'add s 10.1.0.5 packets 7'],
    match: '--match-set s src --packets-gt 3',
    packets: from('10.1.0.5', '10.1.0.6'),
    expect: '?.',
  },
  {
    title: 'conditions on counters hold where members have none',
    sets: ['create s hash:ip', 'add s 10.1.0.5'],
    match: '--match-set s src --packets-gt 3 ! --update-counters',
    packets: from('10.1.0.5', '10.1.0.6'),
    expect: 'd.',
  },
  {
    only: 'second',
    title: 'hash:net,net: the longest first net that has the packet in any second decides, and then the longest second',
    sets: [
      'create s hash:net,net',
      'add s 10.1.0.0/16,10.2.0.0/16',
      'add s 10.1.3.0/24,10.0.0.0/8 nomatch',
      'add s 10.1.3.0/24,10.2.9.0/24',
      'add s 10.1.3.7,10.2.8.0/24 nomatch',
      'add s 10.1.4.0/24,10.3.0.0/16 nomatch',
    ],
    match: '--match-set s src,dst',
    packets: [
      {},
      { from: '10.1.3.5' },
      { from: '10.1.3.5', to: '10.2.9.5' },
      { from: '10.1.3.7', to: '10.2.8.5' },
      { from: '10.1.3.7', to: '10.2.9.5' },
      { from: '10.1.4.5' },
    ],
    expect: 'd.d.dd',
  },
  {
    only: 'second',
    title: 'hash:net,net --return-nomatch',
    sets: ['create s hash:net,net', 'add s 10.1.0.0/16,10.2.0.5', 'add s 10.1.3.0/24,10.2.0.0/16 nomatch'],
    match: '--match-set s src,dst --return-nomatch',
    packets: [{}, { from: '10.1.3.5' }, { from: '10.1.3.5', to: '10.2.0.9' }, { to: '10.2.0.9' }],
    expect: '.dd.',
  },
  {
    only: 'second',
    title: 'hash:net,net of IPv6',
    sets: ['create s hash:net,net family inet6', 'add s fd01::/64,fd02::5', 'add s fd01::8000:0:0:0/65,fd00::/8 nomatch'],
    match: '--match-set s src,dst',
    packets: [six, { ...six, to: 'fd02::6' }, { ...six, from: 'fd01::8000:0:0:1' }],
    expect: 'd..',
  },
  {
    only: 'second',
    title: 'hash:net,port,net: two nets around a port, nets of length 0 too',
    sets: [
      'create s hash:net,port,net',
      'add s 0.0.0.0/0,tcp:80,10.2.0.0/16',
      'add s 10.1.3.0/24,tcp:80,0.0.0.0/0 nomatch',
      'add s 10.1.3.0/24,tcp:443,0.0.0.0/0',
      'add s 10.1.0.0/16,icmp:8/0,10.2.0.5',
    ],
    match: '--match-set s src,dst,dst',
    packets: [
      {},
      { from: '10.1.3.5' },
      { from: '10.1.3.5', toPort: 443 },
      { toPort: 443 },
      icmp(8),
      { ...icmp(8), to: '10.2.0.6' },
      { ...gre },
    ],
    expect: 'd.d.d..',
  },
  {
    only: 'second',
    title: 'hash:ip,mark compares the mark under its mask',
    sets: ['create s hash:ip,mark markmask 0xf', 'add s 10.1.0.1,0x5', 'add s 10.1.0.1,0x1f'],
    match: '--match-set s src,src',
    chain: 'filter OUTPUT',
    packets: [0x5, 0xf5, 0x6, 0xf, 0].map((mark) => ({ origin: 'host', from: '10.1.0.1', ...udp, mark })),
    expect: 'dd.d.',
  },
  {
    only: 'second',
    title: 'hash:ip,mac and hash:mac never match what did not come by Ethernet, in a list too',
    sets: [
      'create a hash:ip,mac',
      'add a 10.1.0.5,02:00:00:00:0c:05',
      'create b hash:mac',
      'add b 02:00:00:00:0c:05',
      'create s list:set',
      'add s a',
      'add s b',
    ],
    match: '! --match-set s src,src',
    packets: [{}],
    expect: 'd',
  },
];

const tables = { raw: ['PREROUTING', 'OUTPUT'], filter: ['INPUT', 'FORWARD', 'OUTPUT'], mangle: ['POSTROUTING'] } as const;

function sceneOf({ sets, match, chain, setup, ethernet, packets }: Case): Scene {
  const [name, hook] = (chain ?? 'filter FORWARD').split(' ') as [keyof typeof tables, string];
  const is6 = sets.some((each) => / s .* inet6/.test(each));
  const heads = tables[name].map((each) => `:${each} ACCEPT [0:0]`);
  const rules = [`*${name}`, ...heads, `-A ${hook} -m set ${match} -j DROP`, 'COMMIT', ''].join('\n');
  return {
    setup: [...sets.map((each) => `ipset ${each}`), ...(setup ?? [])],
    // iptables refuses a set of the other family, and takes those of any.
    rules: {
      ...(!is6 && { 'iptables-legacy': rules }),
      ...((is6 || / s (bitmap:port|list:set)/.test(sets.join(' '))) && { 'ip6tables-legacy': rules }),
    },
    nftFirst: false,
    ...(ethernet && { ethernet }),
    packets: packetsOf(base, packets),
  };
}

const letters = { delivered: '.', dropped: 'd', rejected: 'r', undecided: '?' } as const;

export const ipsetCases: readonly KernelCase[] = cases.map((each) => ({
  title: `PW14 ${each.title}`,
  only: each.only,
  scene: sceneOf(each),
  expect: each.expect,
  shown: ({ judged }) =>
    judged.map(({ walk: { request } }) => (request.because === 'not-modelled' ? 'u' : letters[request.verdict])).join(''),
}));
