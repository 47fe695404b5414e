import type { Names } from './names.ts';
import type { Random } from './random.ts';

export type XtTable = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

export interface Place {
  readonly table: XtTable;
  readonly chain: string;
  readonly names: Names;
}

type Make = (random: Random, place: Place) => string;
const incoming = ({ chain }: Place): boolean => ['PREROUTING', 'INPUT', 'FORWARD'].includes(chain);
const outgoing = ({ chain }: Place): boolean => ['OUTPUT', 'FORWARD', 'POSTROUTING'].includes(chain);
const not = (random: Random): string => (random.chance(30) ? '! ' : '');
const none = '-m comment --comment none';

const states = [
  'NEW',
  'RELATED,ESTABLISHED',
  'INVALID',
  'DNAT',
  'SNAT',
  'UNTRACKED',
  'INVALID,DNAT',
  'NEW,UNTRACKED',
  'ESTABLISHED',
] as const;
const tcpFlags = ['SYN,ACK SYN', 'FIN,SYN,RST,ACK SYN', 'ACK ACK', 'ALL NONE', 'FIN,SYN,RST,PSH,ACK,URG FIN,PSH,URG', 'SYN SYN'] as const;
const multiports = ['80,443', '8000:9000', '53,80:443,8080', '10000:10010', '30080'] as const;

/** One for each row of the coverage table, with its negation, as weights: what every node has comes more often. */
export const xtMatches: readonly (readonly [number, Make])[] = [
  [8, (random, { names }) => addressMatch(random, names, '-s')],
  [8, (random, { names }) => addressMatch(random, names, '-d')],
  [5, (random, { names }) => `${not(random)}-p ${random.pick(['tcp', 'udp', names.icmp, '47', '99', 'sctp'])}`],
  [5, (random, place) => (incoming(place) ? `${not(random)}-i ${random.pick(['tunA', 'tunB', 'tun+', 'eth0', 'lo', '+'])}` : none)],
  [5, (random, place) => (outgoing(place) ? `${not(random)}-o ${random.pick(['tunA', 'tunB', 'tun+', 'lo'])}` : none)],
  [6, (random) => `-p tcp -m tcp ${not(random)}--dport ${random.pick(['80', '443', '1:100', '8080:65535'])}`],
  [3, (random) => `-p udp -m udp ${not(random)}--sport ${random.pick(['10000:10010', '10020:65535'])}`],
  [3, (random) => `-p udp -m udp ${not(random)}--dport ${random.pick(['53', '0:80'])}`],
  [
    2,
    (random) =>
      `-p tcp -m tcp ${not(random)}--sport ${random.pick(['10003', '10005:65535'])} ${not(random)}--dport ${random.pick(['80', '443'])}`,
  ],
  [3, (random) => `-p tcp -m tcp ${not(random)}--tcp-flags ${random.pick(tcpFlags)}`],
  [2, (random) => `-p sctp -m sctp ${not(random)}--${random.pick(['d', 's'])}port ${random.pick(['80', '443', '10000:10020'])}`],
  [
    3,
    (random) =>
      `-p ${random.pick(['tcp', 'udp', 'sctp', 'udplite', '33'])} -m multiport ${not(random)}--${random.pick(['dports', 'sports', 'ports'])} ${random.pick(multiports)}`,
  ],
  [3, (random, { names }) => icmpMatch(random, names)],
  [4, (random) => `-m mark ${not(random)}--mark ${random.pick(['0x1/0x1', '0x0/0xf', '0x10/0x30', '0x3/0x1', '0x1'])}`],
  [2, (random) => `-m connmark ${not(random)}--mark ${random.pick(['0x1/0x1', '0x0/0xf', '0x1'])}`],
  [6, (random, { names }) => `-m set ${not(random)}--match-set ${random.pick(names.sets)}${random.chance(15) ? ' --return-nomatch' : ''}`],
  [2, (random, { names }) => rangeMatch(random, names)],
  [3, (random, place) => addressTypeMatch(random, place)],
  [
    6,
    (random, { table }) =>
      table === 'raw'
        ? none
        : `-m ${random.pick(['conntrack --ct', 'state --'])}state ${random.pick(['NEW', 'RELATED,ESTABLISHED', 'INVALID'])}`,
  ],
  [4, (random, { table }) => (table === 'raw' ? none : `-m conntrack ${not(random)}--ctstate ${random.pick(states)}`)],
  [1, (random) => `-m conntrack --ctdir ${random.pick(['ORIGINAL', 'REPLY'])}`],
  [
    4,
    (random, { names }) =>
      `-m conntrack ${not(random)}--ct${random.pick(['origsrc', 'origdst', 'replsrc', 'repldst'])} ${random.pick([...names.sources, ...names.destinations])}`,
  ],
  [1, (random) => `-m conntrack ${not(random)}--ctproto ${random.pick([6, 17, 1])}`],
  [1, (random) => `-m conntrack ${not(random)}--ctorigdstport ${random.pick(['80', '50:443'])}`],
  [
    1,
    (random) =>
      `-m conntrack ${not(random)}--ctstatus ${random.pick(['SEEN_REPLY', 'CONFIRMED', 'NONE', 'EXPECTED', 'ASSURED,CONFIRMED'])}`,
  ],
  [
    1,
    (random, { table, chain }) =>
      chain === 'PREROUTING' && (table === 'raw' || table === 'mangle')
        ? `-m rpfilter ${random.pick(['--invert', '--loose', '--loose --invert', '--validmark --invert', '--accept-local'])}`
        : none,
  ],
  [
    2,
    (random, { names }) =>
      names.six
        ? `-m hl --hl-${random.pick(['eq', 'lt', 'gt'])} ${random.pick([1, 63, 64])}`
        : `-m ttl ${random.pick(['--ttl-eq', '--ttl-lt', '--ttl-gt', '! --ttl-eq'])} ${random.pick([1, 63, 64])}`,
  ],
  [2, (random) => `-m length ${not(random)}--length ${random.pick(['40', '0:32', '33:60', '52:65535'])}`],
  [1, (random) => `-m dscp ${not(random)}--dscp ${random.pick(['0x00', '0x10'])}`],
  [1, (random) => `-m tos ${not(random)}--tos ${random.pick(['0x00/0xff', '0x10/0x3f'])}`],
  [1, (random) => `-m pkttype ${not(random)}--pkt-type ${random.pick(['unicast', 'broadcast', 'multicast'])}`],
  [
    1,
    (random, { chain }) =>
      ['PREROUTING', 'INPUT', 'FORWARD'].includes(chain) ? `-m mac ${not(random)}--mac-source 02:00:00:00:0c:05` : none,
  ],
  [1, (random, place) => physdevMatch(random, place)],
  [
    1,
    (random, { chain }) =>
      ['PREROUTING', 'INPUT', 'FORWARD'].includes(chain) ? `-m policy --dir in --pol ${random.pick(['none', 'ipsec'])}` : none,
  ],
  [1, (random) => `-m helper ${not(random)}--helper ftp`],
  [1, () => '-m comment --comment "a b"'],
  [1, (random, place) => stateDependent(random, place)],
  [2, (random, { names }) => (names.six ? none : `${not(random)}-f`)],
];

/** iptables-nft refuses the negation of everything (`! -s x/0`), which iptables-legacy takes. */
function addressMatch(random: Random, names: Names, option: '-s' | '-d'): string {
  const negation = not(random);
  const masks = names.six ? ['64', '128', '112', 'ffff::ffff'] : ['16', '24', '32', '255.0.255.0', '0.0.0.1'];
  const address = random.pick(option === '-s' ? names.sources : names.destinations);
  return `${negation}${option} ${address}/${random.pick(negation === '' ? [...masks, '0'] : masks)}`;
}

function icmpMatch(random: Random, { six, icmp }: Names): string {
  const types = six ? ['128', '129', 'echo-request', '1/4', '135'] : ['8', '8/0', '0', 'any', '3/1', 'echo-request', '13'];
  return `-p ${icmp} -m icmp${six ? '6' : ''} ${not(random)}--icmp${six ? 'v6' : ''}-type ${random.pick(types)}`;
}

function rangeMatch(random: Random, { six }: Names): string {
  const range = six ? 'fd01::-fd01::ff' : random.pick(['10.1.0.0-10.1.0.200', '10.1.0.6-10.2.0.5']);
  return `-m iprange ${not(random)}--${random.pick(['src', 'dst'])}-range ${range}`;
}

function addressTypeMatch(random: Random, place: Place): string {
  const type = random.pick(['LOCAL', 'UNICAST', 'MULTICAST', ...(place.names.six ? [] : ['BROADCAST', 'LOCAL,BROADCAST'])]);
  const limits = [
    ...(incoming(place) && place.chain !== 'FORWARD' ? ['--limit-iface-in'] : []),
    ...(outgoing(place) && place.chain !== 'FORWARD' ? ['--limit-iface-out'] : []),
    '',
    '',
  ];
  return `-m addrtype ${not(random)}--${random.pick(['src', 'dst'])}-type ${type} ${random.pick(limits)}`.trim();
}

function physdevMatch(random: Random, { chain }: Place): string {
  if (chain === 'OUTPUT') return none;
  const inside = [`${not(random)}--physdev-in tapC`, `${not(random)}--physdev-in tap+`, `${not(random)}--physdev-is-in`];
  const outside = [`${not(random)}--physdev-is-bridged`, `--physdev-is-bridged --physdev-out tapD`];
  const choices = chain === 'POSTROUTING' ? outside : chain === 'FORWARD' ? [...inside, ...outside] : inside;
  return `-m physdev ${random.pick(choices)}`;
}

/** Chance and counters: both outcomes are right. */
function stateDependent(random: Random, { names }: Place): string {
  return random.pick([
    '-m statistic --mode random --probability 0.5',
    '-m statistic --mode nth --every 3 --packet 0',
    '-m limit --limit 5/sec --limit-burst 3',
    `-m recent --rcheck --name R${names.suffix} --rsource`,
    `-m hashlimit --hashlimit-upto 10/sec --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name h${names.suffix}`,
    '-m quota --quota 500',
  ]);
}
