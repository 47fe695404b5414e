import { four, six } from './names.ts';
import { type NativePlace, nativeMatches } from './native-matches.ts';
import { nativeStatement } from './native-statements.ts';
import type { Random } from './random.ts';

const hooks = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const;

export interface NativeOptions {
  readonly family: NativePlace['family'];
  readonly name: string;
  /** Which of both an inet table speaks of; an ip or ip6 table of its own. */
  readonly six: boolean;
  readonly priorities: readonly number[];
  /** In percent. */
  readonly dormant?: number;
}

/** A table with sets, maps, base chains at any hook and chains that they jump to. */
export function nativeTable(random: Random, options: NativeOptions): string {
  const names = options.six ? six : four;
  const own = random.many(random.below(4), (i) => `u${i}`);
  const place = { family: options.family, names } as const;
  const chains = [
    ...[...own]
      .reverse()
      .map((name, i) => chainText(random, name, '', { ...place, hook: null, type: null, later: own.slice(own.length - i) })),
    ...random.many(1 + random.below(4), (i) => baseChain(random, `b${i}`, { ...place, later: own }, options.priorities)),
  ];
  return [
    `table ${options.family} ${options.name} {`,
    ...(random.chance(options.dormant ?? 0) ? ['  flags dormant'] : []),
    ...setsOf(names.six, own),
    ...chains,
    '}',
    '',
  ].join('\n');
}

function setsOf(isSix: boolean, own: readonly string[]): readonly string[] {
  const [type, suffix] = isSix ? ['ipv6_addr', '6'] : ['ipv4_addr', '4'];
  const jump = own[0] === undefined ? 'return' : `jump ${own[0]}`;
  const set = (name: string, flags: string, elements: string): string =>
    `  set ${name}${suffix} {\n    type ${type}\n${flags}${elements === '' ? '' : `    elements = { ${elements} }\n`}  }`;
  return [
    set('hosts', '', isSix ? 'fd01::5, fd02::9:1' : '10.1.0.5, 10.2.9.1, 10.96.0.10'),
    set('nets', '    flags interval\n', isSix ? 'fd01::/112, fd02::9:0-fd02::9:ff' : '10.1.0.0/24, 10.2.9.0-10.2.9.7, 10.96.0.0/16'),
    set('gone', '', ''),
    set('aged', '    flags timeout\n', isSix ? 'fd01::5 timeout 1h' : '10.1.0.5 timeout 1h, 10.2.0.5 timeout 1h'),
    set('seen', '    flags dynamic,timeout\n    timeout 1m\n', ''),
    `  map verdicts${suffix} {\n    type ${type} : verdict\n    elements = { ${isSix ? 'fd01::5' : '10.1.0.5'} : ${jump}, ${isSix ? 'fd02::5' : '10.2.0.5'} : drop }\n  }`,
  ];
}

function baseChain(random: Random, name: string, place: Omit<NativePlace, 'hook' | 'type'>, priorities: readonly number[]): string {
  const hook = random.pick(hooks);
  const type = hook !== 'forward' && random.chance(30) ? 'nat' : hook === 'output' && random.chance(40) ? 'route' : 'filter';
  const allowed = type === 'nat' ? priorities.filter((each) => each > -200) : priorities;
  const policy = random.chance(8) ? 'drop' : 'accept';
  const head = `    type ${type} hook ${hook} priority ${random.pick(allowed)}; policy ${policy};\n`;
  return chainText(random, name, head, { ...place, hook, type });
}

/** A map's verdict may lead to the first of the own chains, which must not lead back. */
function chainText(random: Random, name: string, head: string, place: NativePlace): string {
  const rules = random.many(random.below(5), () => {
    const matches = random.many(random.below(3), () => random.weighted(nativeMatches)(random, place));
    const statement = nativeStatement(random, place);
    const rule = [...agreeing(matches, statement), statement].join(' ');
    return place.hook === null
      ? rule.replaceAll(/@verdicts\d/g, '{ 10.9.9.9 : drop }'.replace('10.9.9.9', place.names.six ? 'fd09::9' : '10.9.9.9'))
      : rule;
  });
  return `  chain ${name} {\n${head}${rules.map((rule) => `    ${rule}\n`).join('')}  }`;
}

/** nft refuses a rule that speaks of two protocols; what it says first stays. */
function agreeing(matches: readonly string[], statement: string): readonly string[] {
  let taken = protocolOf(statement);
  return matches.filter((match) => {
    const protocol = protocolOf(match);
    if (protocol !== null && taken !== null) return false;
    taken ??= protocol;
    return true;
  });
}

const protocolOf = (text: string): string | null => /\b(tcp|udp|sctp|icmp|icmpv6|l4proto|th)\b/.exec(text)?.[1] ?? null;
