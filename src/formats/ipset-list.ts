import type { IpSet, IpSetMember } from '#facts/ipset.ts';
import { failed, ok, type Result } from '#facts/result.ts';
import { linesOf } from './chunk-lines.ts';
import { familyOfSet, memberOf } from './ipset-save.ts';
import { shown } from './shown.ts';

interface OpenSet {
  readonly name: string;
  readonly line: number;
  type: string | null;
  options: string;
  /** As the listing counts them; null where it does not (ipset before 6.32). */
  count: number | null;
  members: IpSetMember[] | null;
}

interface Fault {
  readonly line: number;
  readonly found: string;
  readonly expected: string;
}

/**
 * Reads what `ipset list [-s]` prints: the same facts as of `ipset save`. A terse listing (`-t`) has no members, and one that was cut has fewer
 * than it counts: both are a Problem.
 */
export function readIpsetList(chunks: Iterable<Uint8Array>, source: string): Result<ReadonlyMap<string, IpSet>> {
  const sets: OpenSet[] = [];
  let last = 0;
  for (const { text, line, cut } of linesOf(chunks)) {
    last = line;
    const fault = cut ? { line, found: shown(text), expected: 'a line of at most 64 KiB' } : readLine(text, line, sets);
    if (fault !== null) return failed({ code: 'ipset-list-unreadable', source, ...fault });
  }
  const result = new Map<string, IpSet>();
  for (const set of sets) {
    const fault =
      wholeness(set, last) ?? (result.has(set.name) ? { line: set.line, found: shown(set.name), expected: 'each set once' } : null);
    if (fault !== null) return failed({ code: 'ipset-list-unreadable', source, ...fault });
    const { name, type, options, members, line } = set;
    result.set(name, { name, type: type ?? '', family: familyOfSet(options), options, members: members ?? [], line });
  }
  return ok(result);
}

function wholeness({ name, line, type, count, members }: OpenSet, last: number): Fault | null {
  if (type === null) return { line: last, found: 'the end of the file', expected: `the type of set ${shown(name)}` };
  if (members === null) return { line, found: `set ${shown(name)} without members`, expected: "'Members:', which a terse listing lacks" };
  if (count === null || count === members.length) return null;
  return { line, found: `${members.length} members of set ${shown(name)}`, expected: `${count}, as it counts itself` };
}

function readLine(text: string, line: number, sets: OpenSet[]): Fault | null {
  const name = /^Name: (.+)$/.exec(text)?.[1];
  if (name !== undefined) {
    sets.push({ name, line, type: null, options: '', count: null, members: null });
    return null;
  }
  if (text.trim() === '') return null;
  const set = sets.at(-1);
  if (set === undefined) return { line, found: shown(text), expected: "'Name: NAME', as 'ipset list' prints" };
  if (set.members !== null) {
    set.members.push(memberOf(text));
    return null;
  }
  const parts = /^(Type|Revision|Header|Size in memory|References|Number of entries|Members): ?(.*)$/.exec(text);
  if (parts === null) return { line, found: shown(text), expected: 'a property of a set' };
  const [, key, value = ''] = parts;
  if (key === 'Type') set.type = value;
  else if (key === 'Header') set.options = value.trimEnd();
  else if (key === 'Number of entries') set.count = Number(value);
  else if (key === 'Members') set.members = [];
  return null;
}
