import type { Names } from './names.ts';
import type { Random } from './random.ts';
import { type Place, type XtTable, xtMatches } from './xt-matches.ts';
import { xtTarget } from './xt-targets.ts';

const hooksOf: Readonly<Record<XtTable, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

const likelihood: Readonly<Record<XtTable, number>> = { raw: 45, mangle: 60, nat: 65, filter: 85, security: 5 };

/** A save file with rules of any kind in some of the tables. */
export function xtRules(random: Random, names: Names): string {
  const tables = (Object.keys(hooksOf) as XtTable[]).filter((table) => random.chance(likelihood[table]));
  return tables.map((table) => tableText(random, table, names)).join('');
}

function tableText(random: Random, table: XtTable, names: Names): string {
  const own = random.many(random.below(4), (i) => `U${i}`);
  const bases = hooksOf[table];
  const policy = (): string => (table !== 'nat' && random.chance(table === 'filter' ? 12 : 3) ? 'DROP' : 'ACCEPT');
  const heads = [...bases.map((name) => `:${name} ${policy()} [0:0]`), ...own.map((name) => `:${name} - [0:0]`)];
  const body = [...bases, ...own].flatMap((chain) =>
    random.many(random.below(4), () => `-A ${chain} ${ruleText(random, { table, chain, names }, own)}`),
  );
  return [`*${table}`, ...heads, ...body, 'COMMIT', ''].join('\n');
}

function ruleText(random: Random, place: Place, own: readonly string[]): string {
  const later = own.filter((name) => !place.chain.startsWith('U') || name > place.chain);
  const jump = later.length > 0 && random.chance(35);
  const target = jump ? `${random.pick(['-j', '-j', '-g'])} ${random.pick(later)}` : xtTarget(random, place);
  const matches = random.many(random.below(3), () => random.weighted(xtMatches)(random, place));
  return `${unique(matches, target).join(' ')} ${target}`.trim();
}

/** One match of each kind: a rule cannot name a protocol or an address twice. */
function unique(matches: readonly string[], target: string): readonly string[] {
  const kindOf = (text: string): string => {
    const words = text.replace(/^! /, '').split(' ');
    return words[0] === '-m' && words[1] !== 'conntrack' ? (words[1] as string) : (words[0] as string);
  };
  const seen = new Set(target.startsWith('-p') ? ['-p'] : []);
  return matches.filter((text) => !seen.has(kindOf(text)) && seen.add(kindOf(text)));
}
