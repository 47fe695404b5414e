import type { RulesFile, Scene, ScenePacket } from './scene.ts';
import { ports } from './scene.ts';

/** A small generator of numbers with a seed (xorshift32), so that a failure can be made again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state >>>= 0;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % limit;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

interface Names {
  readonly six: boolean;
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  readonly service: string;
}

const four: Names = {
  six: false,
  sources: ['10.1.0.5', '10.1.7.9', '10.2.0.5', '10.2.9.1'],
  destinations: ['10.2.0.5', '10.2.9.1', '10.1.0.5', '10.1.0.1', '10.2.0.1', '10.96.0.10'],
  service: '10.96.0.10',
};
const six: Names = {
  six: true,
  sources: ['fd01::5', 'fd01::7:9', 'fd02::5', 'fd02::9:1'],
  destinations: ['fd02::5', 'fd02::9:1', 'fd01::5', 'fd01::1', 'fd02::1', 'fd00:96::10'],
  service: 'fd00:96::10',
};

const hooksOf = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;
type TableName = keyof typeof hooksOf;

/** A node with rules in both backends and both families, and packets that look for their differences. */
export function generateScene(random: Random, packets: number): Scene {
  const rules: Partial<Record<RulesFile, string>> = {};
  for (const file of ['iptables-legacy', 'iptables-nft', 'ip6tables-legacy', 'ip6tables-nft'] as const) {
    if (random.chance(85)) rules[file] = rulesFile(random, file.startsWith('ip6') ? six : four);
  }
  const setup = [
    'ip route add 10.96.0.0/16 dev tunB',
    'ip -6 route add fd00:96::/64 dev tunB',
    'ipset create s4 hash:net',
    'ipset add s4 10.1.0.0/24',
    'ipset add s4 10.1.0.5 nomatch',
    'ipset add s4 10.2.9.1',
    'ipset create p4 hash:ip,port',
    'ipset add p4 10.2.0.5,tcp:80',
    'ipset add p4 10.2.0.5,icmp:8/0',
    'ipset create s6 hash:ip family inet6',
    'ipset add s6 fd01::5',
    'ipset add s6 fd02::9:1',
    'ipset create p6 hash:ip,port family inet6',
    'ipset add p6 fd02::5,udp:53',
  ];
  return { setup, rules, nftFirst: random.chance(50), packets: Array.from({ length: packets }, (_, i) => packetOf(random, i)) };
}

function packetOf(random: Random, index: number): ScenePacket {
  const names = random.chance(70) ? four : six;
  const origin = random.pick(['tunA', 'tunA', 'tunB', 'host'] as const);
  const near = origin === 'tunB' ? names.sources.slice(2) : names.sources.slice(0, 2);
  const host = names.six ? ['fd01::1', 'fd02::1'] : ['10.1.0.1', '10.2.0.1'];
  const drawn = random.pick([6, 6, 17, names.six ? 58 : 1, 47]);
  // GRE has no ports that would tell flows apart, so that several of them behind one address clash: two a scene, each of a source of its own.
  const protocol = drawn === 47 && (origin === 'host' || index > 1) ? 17 : drawn;
  const own = names.six ? `${origin === 'tunB' ? 'fd02' : 'fd01'}::9:${index + 16}` : `10.${origin === 'tunB' ? 2 : 1}.9.${index + 16}`;
  const to = random.pick(names.destinations);
  return {
    origin,
    from: protocol === 47 ? own : random.pick(origin === 'host' ? host : near),
    to,
    protocol,
    fromPort: 10_000 + index,
    toPort: random.pick(ports),
    tcpFlags: protocol === 6 ? random.pick([0x02, 0x02, 0x02, 0x02, 0x10, 0x12, 0x00]) : 0,
    icmp: protocol === 1 ? { type: 8, code: 0 } : protocol === 58 ? { type: 128, code: 0 } : null,
    ...(random.chance(4) && origin !== 'host' && protocol !== 47 && !to.endsWith('.0.1') && !to.endsWith('::1') && { badChecksum: true }),
  };
}

function rulesFile(random: Random, names: Names): string {
  const tables = (Object.keys(hooksOf) as TableName[]).filter(() => random.chance(70));
  return tables.map((table) => tableText(random, table, names)).join('');
}

function tableText(random: Random, table: TableName, names: Names): string {
  const own = Array.from({ length: random.below(4) }, (_, i) => `U${i}`);
  const bases: readonly string[] = hooksOf[table];
  const policy = (): string => (table === 'filter' && random.chance(12) ? 'DROP' : 'ACCEPT');
  const heads = [...bases.map((name) => `:${name} ${policy()} [0:0]`), ...own.map((name) => `:${name} - [0:0]`)];
  const body = [...bases, ...own].flatMap((chain) =>
    Array.from({ length: random.below(4) }, () => `-A ${chain} ${ruleText(random, { table, chain, own, names })}`),
  );
  return [`*${table}`, ...heads, ...body, 'COMMIT', ''].join('\n');
}

interface RulePlan {
  readonly table: TableName;
  readonly chain: string;
  readonly own: readonly string[];
  readonly names: Names;
}

function ruleText(random: Random, plan: RulePlan): string {
  const target = targetText(random, plan);
  const matches = Array.from({ length: random.below(3) }, () => matchText(random, plan));
  const needsPort = / --to-\S+ \S*:\d+$|\]:\d+$|--to-ports/.test(target);
  const protocol = needsPort ? '-p tcp ' : '';
  return `${protocol}${uniqueMatches(matches, needsPort).join(' ')} ${target}`.trim();
}

/** One match of each kind: a rule cannot name a protocol or an address twice. */
function uniqueMatches(matches: readonly string[], hasProtocol: boolean): readonly string[] {
  const kindOf = (text: string): string => {
    const words = text.replace(/^! /, '').split(' ');
    return words[0] === '-m' ? (words[1] as string) : (words[0] as string);
  };
  const seen = new Set(hasProtocol ? ['-p'] : []);
  return matches.filter((text) => !seen.has(kindOf(text)) && seen.add(kindOf(text)));
}

function matchText(random: Random, { table, chain, names }: RulePlan): string {
  const not = random.chance(25) ? '! ' : '';
  const bits = names.six ? random.pick(['64', '128', '112']) : random.pick(['16', '24', '32', '255.0.255.0']);
  const icmp = names.six ? '-p ipv6-icmp -m icmp6 --icmpv6-type 128' : '-p icmp -m icmp --icmp-type 8';
  const input = ['PREROUTING', 'INPUT', 'FORWARD'].includes(chain);
  const output = ['OUTPUT', 'FORWARD', 'POSTROUTING'].includes(chain);
  const suffix = names.six ? '6' : '4';
  const first = names.six ? 'fd01::' : '10.1.0.0';
  const last = names.six ? 'fd01::ff' : '10.1.0.200';
  const choices = [
    () => `${not}-s ${random.pick(names.sources)}/${bits}`,
    () => `${not}-d ${random.pick(names.destinations)}/${bits}`,
    () => `${not}-p ${random.pick(['tcp', 'udp', names.six ? 'ipv6-icmp' : 'icmp', '47'])}`,
    () => `-p tcp -m tcp ${not}--dport ${random.pick(['80', '443', '1:100', '8080:65535'])}`,
    () => `-p udp -m udp ${not}--sport ${random.pick(['10000:10010', '10020:65535'])}`,
    () => `-p tcp -m tcp ${not}--tcp-flags ${random.pick(['SYN,ACK SYN', 'FIN,SYN,RST,ACK SYN', 'ACK ACK'])}`,
    () => `-p tcp -m multiport ${not}--dports 80,443,8000:9000`,
    () => icmp,
    () => `-m mark ${not}--mark ${random.pick(['0x1/0x1', '0x0/0xf', '0x10/0x30', '0x3/0x1'])}`,
    () => `-m connmark ${not}--mark ${random.pick(['0x1/0x1', '0x0/0xf'])}`,
    () => `-m set ${not}--match-set ${random.pick([`s${suffix} src`, `s${suffix} dst`, `p${suffix} dst,dst`, `p${suffix} src`])}`,
    () => `-m iprange ${not}--src-range ${first}-${last}`,
    () => `-m addrtype ${not}--dst-type ${random.pick(['LOCAL', 'UNICAST', 'MULTICAST'])}`,
    () => (input ? `${not}-i ${random.pick(['tunA', 'tunB', 'tun+', 'eth0'])}` : `-m comment --comment none`),
    () => (output ? `${not}-o ${random.pick(['tunA', 'tunB', 'tun+', 'lo'])}` : `-m comment --comment none`),
    () =>
      table === 'raw'
        ? '-m comment --comment raw'
        : `-m conntrack ${not}--ctstate ${random.pick(['NEW', 'RELATED,ESTABLISHED', 'INVALID', 'DNAT', 'SNAT', 'UNTRACKED', 'INVALID,DNAT'])}`,
    () => `-m conntrack --ctdir ${random.pick(['ORIGINAL', 'REPLY'])}`,
    () => `-m conntrack ${not}--ctorigdst ${random.pick(names.destinations)}`,
  ];
  return random.pick(choices)();
}

function targetText(random: Random, { table, chain, own, names }: RulePlan): string {
  const later = own.filter((name) => !chain.startsWith('U') || name > chain);
  if (later.length > 0 && random.chance(35)) return `${random.pick(['-j', '-j', '-g'])} ${random.pick(later)}`;
  if (table === 'nat') return natTarget(random, chain, names);
  const choices = {
    raw: ['-j DROP', '-j ACCEPT', '-j RETURN', '-j CT --notrack', '-j MARK --set-xmark 0x1/0x1', '-j MARK --set-xmark 0x1/0x0'],
    mangle: [
      '-j DROP',
      '-j ACCEPT',
      '-j RETURN',
      '-j MARK --set-xmark 0x1/0x1',
      '-j MARK --set-xmark 0x10/0x0',
      '-j MARK --set-xmark 0x20/0xffffffff',
      '-j CONNMARK --set-xmark 0x1/0xff',
      '-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff',
      '-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff',
    ],
    filter: ['-j DROP', '-j DROP', '-j ACCEPT', '-j ACCEPT', '-j RETURN', '-j REJECT', '-j MARK --set-xmark 0x1/0x1'],
  } as const;
  return random.pick<string>(choices[table]);
}

function natTarget(random: Random, chain: string, names: Names): string {
  const to = random.pick(names.six ? ['fd02::5', 'fd02::9:1', 'fd01::5', 'fd01::1'] : ['10.2.0.5', '10.2.9.1', '10.1.0.5', '10.1.0.1']);
  const withPort = names.six ? `[${to}]:8080` : `${to}:8080`;
  const other = names.six ? 'fd02::77' : '10.2.0.77';
  if (chain === 'PREROUTING' || chain === 'OUTPUT')
    return random.pick([
      `-j DNAT --to-destination ${to}`,
      `-j DNAT --to-destination ${withPort}`,
      '-j REDIRECT',
      '-j REDIRECT --to-ports 8080',
      '-j ACCEPT',
      '-j RETURN',
      '-j MARK --set-xmark 0x1/0x1',
    ]);
  if (chain === 'POSTROUTING') return random.pick(['-j MASQUERADE', `-j SNAT --to-source ${other}`, '-j ACCEPT', '-j RETURN']);
  return random.pick(['-j ACCEPT', '-j RETURN', '-j MARK --set-xmark 0x1/0x1']);
}
