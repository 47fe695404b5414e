import { type Phrase, phrasesZh } from './phrases-zh.ts';

interface Pattern {
  readonly expression: RegExp;
  readonly chinese: string;
  /** A pattern with fewer of them says more. */
  readonly places: number;
}

const shapes: Readonly<Record<string, string>> = { n: '[\\d,]+', m: '[\\d,]+', k: '[\\d,]+', b: 'legacy|nft', f: 'ip6?' };

const patterns: readonly Pattern[] = phrasesZh.map(patternOf).sort((a, b) => a.places - b.places);

/** A sentence of an engine in Chinese, its figures taken over as they stand; null where one of its parts has no translation. */
export function inChinese(english: string): string | null {
  return whole(english) ?? several(english) ?? withSubject(english);
}

function whole(english: string): string | null {
  for (const { expression, chinese } of patterns) {
    const groups = expression.exec(english)?.groups;
    if (groups !== undefined) return chinese.replaceAll(/\{(\w)\}/g, (_, name: string) => groups[name] ?? '');
  }
  return null;
}

/** Engines join sentences by `; `, short ones by `, `, and end a list that they cut with `and 3 more`. */
function several(english: string): string | null {
  const [, list = english, more] = /^(.*) and (\d+) more$/.exec(english) ?? [];
  const said = eachOf(list.split('; ')) ?? eachOf(list.split(', '));
  return said === null ? null : `${said.join('；')}${more === undefined ? '' : `；另有 ${more} 项`}`;
}

function eachOf(parts: readonly string[]): readonly string[] | null {
  const said = parts.flatMap((part) => whole(part) ?? withSubject(part) ?? []);
  return said.length === parts.length ? said : null;
}

/** `file: why it could not be read`, `interface: what is wrong with it`. */
function withSubject(english: string): string | null {
  const at = english.lastIndexOf(': ');
  const rest = at < 0 ? null : whole(english.slice(at + 2));
  return rest === null ? null : `${english.slice(0, at)}：${rest}`;
}

function patternOf([english, chinese]: Phrase): Pattern {
  const source = english
    .replaceAll(/[\\^$.*+?()[\]|]/g, '\\$&')
    .replaceAll(/\{(\w)\}/g, (_, name: string) => `(?<${name}>${shapes[name] ?? '.+'})`);
  return { expression: new RegExp(`^${source}(?<end>)$`), chinese, places: source.split('(?<').length };
}
