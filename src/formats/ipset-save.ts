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

/** Reads what `ipset save` prints: `create NAME TYPE OPTIONS` and `add NAME ELEMENT OPTIONS`. Empty text is no sets. */
export function readIpsetSave(chunks: Iterable<Uint8Array>, source: string): Result<ReadonlyMap<string, IpSet>> {
  const sets = new Map<string, OpenSet>();
  for (const { text, line, cut } of linesOf(chunks)) {
    if (text === '' || text.startsWith('#')) continue;
    const problem = cut ? { found: shown(text), expected: 'a line of at most 64 KiB' } : readLine(text, line, sets);
    if (problem !== null) return failed({ code: 'ipset-line-unreadable', source, line, ...problem } satisfies Problem);
  }
  return ok(sets);
}

type Fault = { readonly found: string; readonly expected: string } | null;

function readLine(text: string, line: number, sets: Map<string, OpenSet>): Fault {
  const parts = /^(create|add) (?:"([^"]+)"|(\S+)) (\S+)(?: (.*?))?\s*$/.exec(text);
  const name = parts?.[2] ?? parts?.[3];
  if (parts === null || name === undefined) return { found: shown(text), expected: 'create NAME TYPE ... or add NAME ELEMENT' };
  const options = parts[5] ?? '';
  if (parts[1] === 'add') {
    const set = sets.get(name);
    if (set === undefined) return { found: shown(`add ${name}`), expected: 'create before add' };
    set.members.push(memberOf(parts[4] as string, options));
    return null;
  }
  if (sets.has(name)) return { found: shown(`create ${name}`), expected: 'each set once' };
  const family = /(?:^| )family (inet6?)(?: |$)/.exec(options)?.[1];
  sets.set(name, {
    name,
    type: parts[4] as string,
    family: family === undefined ? null : family === 'inet6' ? 'ip6' : 'ip',
    options,
    members: [],
    line,
  });
  return null;
}

/** A comment may hold any word. */
function memberOf(text: string, options: string): IpSetMember {
  const words = options === '' ? [] : options.replace(/(^| )comment "[^"]*"/, '').split(' ');
  const timeout = words.indexOf('timeout');
  return {
    text,
    nomatch: words.includes('nomatch'),
    ...(words.includes('wildcard') && { wildcard: true }),
    ...(timeout >= 0 && words[timeout + 1] !== '0' && { expires: true }),
  };
}
