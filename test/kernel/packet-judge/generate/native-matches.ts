import type { Names } from './names.ts';
import type { Random } from './random.ts';

/** Where a native rule stands. A chain that only rules jump to has no hook: it may be reached from several. */
export interface NativePlace {
  readonly family: 'ip' | 'ip6' | 'inet';
  readonly hook: string | null;
  readonly type: 'filter' | 'nat' | 'route' | null;
  readonly names: Names;
  /** Chains that it may jump to. */
  readonly later: readonly string[];
}

type Make = (random: Random, place: NativePlace) => string;

const not = (random: Random): string => (random.chance(30) ? '!= ' : '');
const entering = ({ hook }: NativePlace): boolean => hook === 'prerouting' || hook === 'input' || hook === 'forward';
const leaving = ({ hook }: NativePlace): boolean => hook === 'forward' || hook === 'output' || hook === 'postrouting';
const ip = ({ names }: NativePlace): string => (names.six ? 'ip6' : 'ip');
const always = 'meta mark and 0x0 == 0x0';

const states = ['new', 'established,related', 'invalid', 'untracked', 'new,untracked'] as const;
const portSets = ['{ 80, 443 }', '{ 53, 1000-9000 }', '{ 0-79, 81-442 }', '{ 30080 }'] as const;

/** One for each kind of expression that a listing can show, with its negation. */
export const nativeMatches: readonly (readonly [number, Make])[] = [
  [6, (random, place) => `${ip(place)} saddr ${addresses(random, place.names, place.names.sources)}`],
  [6, (random, place) => `${ip(place)} daddr ${addresses(random, place.names, place.names.destinations)}`],
  [
    4,
    (random) =>
      `${random.pick(['tcp', 'udp', 'sctp'])} dport ${random.chance(70) ? not(random) + random.pick(['80', '443', '53', '1000-9000', ...portSets]) : random.pick(['< 100', '>= 443'])}`,
  ],
  [2, (random) => `th dport ${not(random)}${random.pick(['80', '{ 53, 443 }'])}`],
  [2, (random) => `tcp sport != ${10_000 + random.below(20)} tcp dport != ${random.pick([80, 443])}`],
  [
    2,
    (random) =>
      `tcp flags ${random.pick(['& (syn | ack) == syn', '& (fin | syn | rst | ack) == syn', '& ack == ack', '== 0x0', 'syn', '! syn'])}`,
  ],
  [
    3,
    (random) => `meta l4proto ${not(random)}${random.pick(['tcp', 'udp', '{ tcp, udp }', '47', 'icmp', 'ipv6-icmp', '{ 47, 99, sctp }'])}`,
  ],
  [
    2,
    (random, { names }) =>
      names.six
        ? `icmpv6 type ${not(random)}${random.pick(['echo-request', '{ echo-request, echo-reply }'])}`
        : `icmp type ${not(random)}${random.pick(['echo-request', '{ echo-request, timestamp-request }', 'echo-reply'])}`,
  ],
  [1, (random, { names }) => (names.six ? 'icmpv6 code 0' : `icmp code ${not(random)}0`)],
  [
    3,
    (random, place) =>
      entering(place) ? `${random.pick(['iifname', 'iifname', 'iif'])} ${not(random)}${random.pick(['"tunA"', '"tunB"', '"lo"'])}` : always,
  ],
  [
    1,
    (random, place) =>
      entering(place) ? `iifname ${not(random)}${random.pick(['"tun*"', '{ "tunA", "eth*" }', '{ "lo", "tunB" }'])}` : always,
  ],
  [
    3,
    (random, place) =>
      leaving(place) ? `${random.pick(['oifname', 'oifname', 'oif'])} ${not(random)}${random.pick(['"tunA"', '"tunB"', '"lo"'])}` : always,
  ],
  [
    3,
    (random) =>
      `meta mark ${random.pick(['0x1', '!= 0x1', 'and 0x1 == 0x1', 'and 0x30 != 0x10', 'and 0xf0 == 0x0', '{ 0x1, 0x10-0x20 }', '< 0x10', 'xor 0x1 == 0x0'])}`,
  ],
  [2, (random) => `ct mark ${random.pick(['0x1', 'and 0x1 == 0x1', '!= 0x0'])}`],
  [6, (random) => `ct state ${not(random)}${random.pick(states)}`],
  [1, () => 'ct state { new, established }'],
  [2, (random) => `ct status ${random.pick(['dnat', 'snat', 'confirmed', 'seen-reply', '! dnat', '& (dnat | snat) == 0x0'])}`],
  [1, (random) => `ct direction ${random.pick(['original', 'reply'])}`],
  [
    4,
    (random, place) =>
      `ct original ${ip(place)} ${random.pick(['saddr', 'daddr'])} ${not(random)}${random.pick([...place.names.sources, ...place.names.destinations])}`,
  ],
  [1, (random) => `meta l4proto { tcp, udp } ct original proto-dst ${not(random)}${random.pick([80, 443])}`],
  [1, (random, { family }) => (family === 'inet' ? always : `ct reply protocol ${not(random)}${random.pick(['tcp', 'udp'])}`)],
  [1, (random) => `ct zone ${random.pick(['0', '!= 0', '5'])}`],
  [3, (random, place) => fib(random, place)],
  [
    1,
    (random, place) =>
      place.names.six
        ? `ip6 hoplimit ${random.pick(['64', '< 64', '!= 64', '1-63'])}`
        : `ip ttl ${random.pick(['64', '< 64', '!= 64', '1-63'])}`,
  ],
  [1, (random) => `meta length ${random.pick(['< 50', '32-52', '!= 40'])}`],
  [1, (random, { names }) => (names.six ? 'ip6 dscp cs0' : `ip dscp ${not(random)}${random.pick(['cs0', 'cs1'])}`)],
  [1, (random) => `meta pkttype ${not(random)}${random.pick(['host', 'multicast', 'broadcast'])}`],
  [2, (random, { names }) => raw(random, names)],
  [3, (random, place) => concatenation(random, place)],
  [
    3,
    (random, { names, family }) =>
      `${names.six ? 'ip6' : 'ip'} ${random.pick(['saddr', 'daddr'])} ${not(random)}@${random.pick(['hosts', 'nets', 'gone', 'aged'])}${names.six && family !== 'ip6' ? '6' : names.six ? '6' : '4'}`,
  ],
  [
    1,
    (random, { family, names }) =>
      family === 'inet' ? `meta nfproto ${random.pick(names.six ? ['ipv6', '!= ipv4'] : ['ipv4', '!= ipv6'])}` : always,
  ],
  [1, (random) => `numgen ${random.pick(['inc', 'random'])} mod 2 ${random.below(2)}`],
  [1, (random, place) => `jhash ${ip(place)} saddr mod 4 seed 0x5eed ${random.pick(['0', '< 2', '!= 3'])}`],
  [1, () => 'limit rate 5/second burst 3 packets'],
  [1, (random, { names }) => (names.six ? 'exthdr frag exists' : `ip frag-off & 0x1fff ${random.pick(['!= 0', '== 0'])}`)],
  [1, () => 'tcp option maxseg exists'],
  [1, (random) => `meta skuid ${random.pick(['0', '!= 0', '1000'])}`],
  [1, (random, { hook }) => (hook === 'prerouting' || hook === 'input' ? `socket transparent ${random.below(2)}` : always)],
];

function addresses(random: Random, { six }: Names, from: readonly string[]): string {
  const address = random.pick(from);
  const bits = six ? random.pick(['64', '112', '128']) : random.pick(['16', '24', '25']);
  const range = six ? 'fd01::-fd01::ff' : random.pick(['10.1.0.0-10.1.0.200', '10.1.0.6-10.2.0.5']);
  const mask = six ? 'and ffff:: == fd01::' : random.pick(['and 255.255.0.0 == 10.1.0.0', 'and 0.0.0.1 == 0.0.0.1']);
  const other = from.find((each) => each !== address) as string;
  return random.pick([
    address,
    `!= ${address}`,
    `${address}/${bits}`,
    `!= ${address}/${bits}`,
    range,
    `!= ${range}`,
    mask,
    `{ ${address}, ${other} }`,
    `!= { ${address}, ${other} }`,
    `{ ${range}, ${six ? 'fd02::9:1' : '10.2.9.1'} }`,
    `> ${address}`,
  ]);
}

function fib(random: Random, place: NativePlace): string {
  const type = random.pick(['local', 'unicast', '!= local', ...(place.names.six ? [] : ['broadcast'])]);
  const choices = [`fib daddr type ${type}`, `fib saddr type ${type}`];
  if (entering(place) && place.hook !== 'forward')
    choices.push(
      `fib daddr . iif type ${type}`,
      `fib saddr . iif oif ${random.pick(['missing', 'exists'])}`,
      `fib saddr . mark . iif oif ${random.pick(['missing', 'exists'])}`,
      `fib saddr oif ${random.pick(['"tunA"', '!= "tunB"', '0'])}`,
      `fib saddr oifname ${random.pick(['"tunA"', '!= "tunA"'])}`,
    );
  if (leaving(place) && place.hook !== 'forward') choices.push(`fib daddr . oif type ${type}`);
  return random.pick(choices);
}

/** Bytes of headers by position: source and destination address, ports, and what lies across two fields. */
function raw(random: Random, { six }: Names): string {
  const choices = six
    ? ['@nh,48,8 58', '@nh,56,8 != 64', '@th,16,16 80', '@th,0,16 != 10005']
    : [
        '@nh,96,32 0x0a010005',
        '@nh,128,16 0x0a02',
        '@nh,72,8 6',
        '@nh,64,16 != 0x4006',
        '@nh,96,32 & 0xffff0000 == 0x0a010000',
        '@nh,16,16 > 0x0028',
        '@th,16,16 80',
        '@th,0,16 != 10005',
        '@th,16,8 0',
        '@nh,100,4 0xa',
      ];
  return random.pick(choices);
}

function concatenation(random: Random, place: NativePlace): string {
  const { six } = place.names;
  const [a, b] = six ? ['fd01::5', 'fd02::5'] : ['10.1.0.5', '10.2.0.5'];
  const net = six ? 'fd01::/64' : '10.1.0.0/16';
  const family = ip(place);
  return random.pick([
    `${family} saddr . tcp dport ${not(random)}{ ${a} . 80, ${a} . 443, ${b} . 53 }`,
    `${family} saddr . ${family} daddr ${not(random)}{ ${a} . ${b} }`,
    `${family} daddr . meta l4proto . th dport ${not(random)}{ ${b} . tcp . 80, ${b} . udp . 53 }`,
    `${family} saddr . th dport ${not(random)}{ ${net} . 80-443, ${b} . 1-65535 }`,
    `${family} saddr . meta mark { ${net} . 0x0-0x5 }`,
    six ? 'icmpv6 type . icmpv6 code { echo-request . 0 }' : 'icmp type . icmp code { echo-request . 0, timestamp-request . 0 }',
    ...(entering(place)
      ? [`iifname . ${family} saddr ${not(random)}{ "tunA" . ${a}, "tunB" . ${b} }`, `iif . meta l4proto { tunA . tcp, tunB . udp }`]
      : []),
  ]);
}
