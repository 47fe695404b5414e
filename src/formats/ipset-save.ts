import type { IpSet, IpSetMember } from '#facts/ipset.ts';
import { failed, ok, type Problem, type Result } from '#facts/result.ts';
import { linesOf } from './chunk-lines.ts';
import { shown } from './shown.ts';

interface OpenSet {
  readonly name: string;
  readonly type: string;
  readonly family: 'ip' | 'ip6' | null;
  readonly options: string;
  readonly members: IpSetMember[];
  readonly line: number;
}

interface OpenSets {
  readonly byName: Map<string, OpenSet>;
  readonly withBlanks: string[];
}

/** Reads what `ipset save` prints: `create NAME TYPE OPTIONS` and `add NAME ELEMENT OPTIONS`. Empty text is no sets. */
export function readIpsetSave(chunks: Iterable<Uint8Array>, source: string): Result<ReadonlyMap<string, IpSet>> {
  const sets: OpenSets = { byName: new Map(), withBlanks: [] };
  for (const { text, line, cut } of linesOf(chunks)) {
    if (text === '' || text.startsWith('#')) continue;
    const problem = cut ? { found: shown(text), expected: 'a line of at most 64 KiB' } : readLine(text, line, sets);
    if (problem !== null) return failed({ code: 'ipset-line-unreadable', source, line, ...problem } satisfies Problem);
  }
  return ok(sets.byName);
}

type Fault = { readonly found: string; readonly expected: string } | null;

function readLine(text: string, line: number, sets: OpenSets): Fault {
  if (text.startsWith('add ')) return readAdd(text, sets);
  // Names may hold blanks, which ipset prints as they are: the type ends them.
  const parts = /^create (?:"([^"]+)"|(\S.*?)) ([a-z]+:\S+)(?: (.*?))?\s*$/.exec(text);
  const name = parts?.[1] ?? parts?.[2];
  if (parts === null || name === undefined) return { found: shown(text), expected: 'create NAME TYPE ... or add NAME ELEMENT' };
  if (sets.byName.has(name)) return { found: shown(`create ${name}`), expected: 'each set once' };
  const options = parts[4] ?? '';
  if (name.includes(' ')) sets.withBlanks.push(name);
  sets.byName.set(name, { name, type: parts[3] as string, family: familyOfSet(options), options, members: [], line });
  return null;
}

function readAdd(text: string, sets: OpenSets): Fault {
  const quoted = /^add "([^"]+)" (\S.*)$/.exec(text);
  const plain = quoted ?? /^add (\S+) (\S.*)$/.exec(text);
  const [, name, member] = (quoted === null ? withBlanks(text, sets.withBlanks) : null) ?? plain ?? [];
  if (name === undefined || member === undefined) return { found: shown(text), expected: 'create NAME TYPE ... or add NAME ELEMENT' };
  const set = sets.byName.get(name);
  if (set === undefined) return { found: shown(`add ${name}`), expected: 'create before add' };
  set.members.push(memberOf(member));
  return null;
}

/** The longest name with blanks that the line may begin with; hardly any set has one. */
function withBlanks(text: string, names: readonly string[]): readonly [string, string, string] | null {
  let found = '';
  for (const name of names) if (name.length > found.length && text.startsWith(`add ${name} `)) found = name;
  return found === '' ? null : [text, found, text.slice(`add ${found} `.length)];
}

/** `10.0.0.1,tcp:80 timeout 99 nomatch comment "a b"`: the element, and the options that decide whether it matches. */
export function memberOf(text: string): IpSetMember {
  const [element = ''] = text.split(' ');
  // A comment may hold any words.
  const options = text.slice(element.length).replace(/(^| )comment "[^"]*"/, '');
  const words = options.split(' ');
  const timeout = words.indexOf('timeout');
  return {
    text: element,
    nomatch: words.includes('nomatch'),
    ...(words.includes('wildcard') && { wildcard: true }),
    ...(timeout >= 0 && words[timeout + 1] !== '0' && { expires: true }),
  };
}

export function familyOfSet(options: string): 'ip' | 'ip6' | null {
  const family = /(?:^| )family (inet6?)(?: |$)/.exec(options)?.[1];
  return family === undefined ? null : family === 'inet6' ? 'ip6' : 'ip';
}
