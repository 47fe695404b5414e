import type { NativePlace } from './native-matches.ts';
import type { Random } from './random.ts';

const portVerdicts = (random: Random, later: readonly string[]): string => {
  const verdicts = ['accept', 'drop', 'return', 'continue', ...later.flatMap((chain) => [`jump ${chain}`, `goto ${chain}`])];
  const verdict = (): string => random.pick(verdicts);
  return `{ 80 : ${verdict()}, 443 : ${verdict()}, 8000-9000 : ${verdict()}${random.chance(30) ? `, * : ${verdict()}` : ''} }`;
};

/** What a rule does in the end. */
export function nativeStatement(random: Random, place: NativePlace): string {
  const { later, type, hook } = place;
  if (later.length > 0 && random.chance(30)) return jumping(random, place);
  if (type === 'nat' && random.chance(70)) return natStatement(random, place);
  return random.weighted<string>([
    [3, 'accept'],
    [4, type === 'nat' ? 'accept' : 'drop'],
    [2, 'return'],
    [1, 'continue'],
    [1, 'counter'],
    [1, 'log group 7'],
    [3, `tcp dport vmap ${portVerdicts(random, later)}`],
    [1, 'meta l4proto . th dport vmap { tcp . 80 : drop, udp . 53 : accept, tcp . 1000-9000 : return }'],
    [1, 'ct state vmap { established : accept, related : accept, invalid : drop }'],
    [3, anyVerdictMap(random, place)],
    [6, changing(random, place)],
    [2, hook === 'input' || hook === 'forward' || hook === 'output' ? rejecting(random, place) : 'return'],
    [2, hook === 'prerouting' && type === 'filter' ? early(random) : 'return'],
  ]);
}

function jumping(random: Random, { later, names }: NativePlace): string {
  const to = random.pick(later);
  const family = names.six ? 'ip6' : 'ip';
  const [a, b] = names.six ? ['fd01::5', 'fd02::5'] : ['10.1.0.5', '10.2.0.5'];
  return random.pick([
    `jump ${to}`,
    `jump ${to}`,
    `goto ${to}`,
    `${family} saddr vmap { ${a} : jump ${to}, ${b} : drop }`,
    `${family} saddr vmap @verdicts${names.suffix}`,
    `numgen inc mod 2 vmap { 0 : jump ${to}, 1 : continue }`,
    `numgen random mod 3 vmap { 0 : goto ${to}, 1 : return }`,
  ]);
}

/** Verdict maps of every kind of key; what is in none of them goes on. */
function anyVerdictMap(random: Random, { names, hook }: NativePlace): string {
  const family = names.six ? 'ip6' : 'ip';
  const [a, b] = names.six ? ['fd01::5', 'fd02::5'] : ['10.1.0.5', '10.2.0.5'];
  const [nets, other] = names.six ? ['fd01::/64 . fd02::9:0/112', 'fd01::7:9'] : ['10.1.0.0/16 . 10.2.9.0/24', '10.1.7.9'];
  const entering = hook === 'prerouting' || hook === 'input' || hook === 'forward';
  return random.pick([
    `${family} saddr . ${family} daddr vmap { ${a} . ${b} : drop, ${nets} : ${random.pick(['accept', 'drop', 'return'])} }`,
    `${family} ${names.six ? 'nexthdr' : 'protocol'} vmap { tcp : accept, udp : drop }`,
    'fib daddr type vmap { local : accept, unicast : return }',
    '@th,16,16 vmap { 80 : drop, 443 : accept }',
    'tcp flags vmap { syn : drop, ack : accept }',
    `${family} saddr vmap { ${a}-${other} : drop, ${b} : continue }`,
    'meta mark vmap { 0x1 : drop, 0x10-0x1f : accept, 0x0 : continue }',
    ...(entering
      ? ['iifname . tcp dport vmap { "tunA" . 80 : drop, "tunB" . 443 : accept }', 'iifname vmap { "tunA" : return, "lo" : accept }']
      : []),
  ]);
}

/** Marks, connection marks and header fields; they go on. */
function changing(random: Random, { names, hook }: NativePlace): string {
  const marks = [
    'meta mark set 0x1',
    'meta mark set meta mark or 0x10',
    'meta mark set meta mark and 0xfffffffe',
    'meta mark set meta mark xor 0x1',
    'meta mark set (meta mark and 0xf0) xor 0x3',
    'meta mark set tcp dport map { 80 : 0x1, 443 : 0x10 }',
    'meta mark set ct mark',
    'ct mark set meta mark',
    'ct mark set 0x1',
    'ct mark set ct mark or 0x4',
    'meta mark set meta mark lshift 1',
    'meta mark set meta mark lshift 2 or 0x1',
    'meta mark set ct mark and 0xff or 0x100',
    `meta mark set jhash ${names.six ? 'ip6' : 'ip'} saddr mod 4 seed 0x5eed`,
    'meta mark set numgen inc mod 2 offset 1',
    'meta priority set 1:2',
  ];
  const headers = names.six ? ['ip6 hoplimit set 20', 'ip6 dscp set cs1'] : ['ip ttl set 20', 'ip dscp set cs1'];
  const sets = [
    `add @seen${names.suffix} { ${names.six ? 'ip6' : 'ip'} saddr }`,
    `update @seen${names.suffix} { ${names.six ? 'ip6' : 'ip'} saddr timeout 30s }`,
  ];
  return random.weighted([
    [8, random.pick(marks)],
    [2, random.pick(headers)],
    [1, random.pick(sets)],
    [1, hook === 'forward' || hook === 'output' ? 'tcp flags syn tcp option maxseg size set 1000' : 'counter'],
    [1, 'tcp dport set 8080'],
  ]);
}

function rejecting(random: Random, { family, names }: NativePlace): string {
  const own = names.six ? 'icmpv6 type admin-prohibited' : 'icmp type host-prohibited';
  return random.pick([
    'reject',
    family === 'inet' ? 'reject with icmpx type admin-prohibited' : `reject with ${own}`,
    'meta l4proto tcp reject with tcp reset',
  ]);
}

/** Before conntrack, where the priority allows it; harmless later. */
const early = (random: Random): string => random.pick(['notrack', 'meta l4proto udp notrack', 'ct zone set 5']);

function natStatement(random: Random, { hook, family, names }: NativePlace): string {
  const kind = family === 'inet' ? (names.six ? 'ip6 ' : 'ip ') : '';
  const to = random.pick(names.six ? ['fd02::5', 'fd02::9:1', 'fd01::5', 'fd01::1'] : ['10.2.0.5', '10.2.9.1', '10.1.0.5', '10.1.0.1']);
  const [a, b] = names.six ? ['fd02::5', 'fd02::9:1'] : ['10.2.0.5', '10.2.9.1'];
  const withPort = names.six ? `[${to}]` : to;
  const address = names.six ? 'ip6' : 'ip';
  if (hook === 'prerouting' || hook === 'output')
    return random.pick([
      `dnat ${kind}to ${to}`,
      `meta l4proto tcp dnat ${kind}to ${withPort}:8080`,
      `meta l4proto { tcp, udp } dnat ${kind}to ${withPort}:8080`,
      'redirect',
      'meta l4proto tcp redirect to :8080',
      `dnat ${kind}to ${address} saddr map { ${names.sources[0]} : ${a}, ${names.sources[1]} : ${b} }`,
      `dnat ${kind}to numgen inc mod 2 map { 0 : ${a}, 1 : ${b} }`,
      `dnat ${kind}to tcp dport map { 80 : ${a}, 443 : ${b} }`,
      `dnat ${kind}to ${address} daddr . tcp dport map { ${names.service} . 80 : ${a} . 8080, ${names.service} . 443 : ${b} . 443 }`,
    ]);
  if (hook === 'postrouting')
    return random.pick([
      'masquerade',
      'masquerade',
      'masquerade fully-random',
      'meta l4proto tcp masquerade to :40000-40100',
      `snat ${kind}to ${names.six ? 'fd02::77' : '10.2.0.77'}`,
      `snat ${kind}to ${address} saddr map { ${names.sources[0]} : ${names.six ? 'fd02::78' : '10.2.0.78'} }`,
    ]);
  if (hook === 'input') return random.pick(['accept', `snat ${kind}to ${names.six ? 'fd01::99' : '10.1.0.99'}`]);
  return 'return';
}
