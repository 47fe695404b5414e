import { failed, ok, type Result } from '#facts/result.ts';
import type { Unreadable } from '../ip-json/each-object.ts';
import { isObject, type JsonObject } from '../json-fields.ts';
import { shown } from '../shown.ts';

/** An entry of `ip` as text: the fields that `ip -j` would have, and where it begins. */
export interface Entry {
  readonly object: JsonObject;
  readonly line: number;
  readonly text: string;
}

/** What a line is not, where it cannot be read. */
export type ReadEntries = (lines: readonly string[]) => readonly Entry[] | Fault;

export interface Fault {
  readonly line: number;
  readonly expected: string;
}

export function isFault(value: readonly Entry[] | Fault): value is Fault {
  return 'expected' in value;
}

/** Reads text as lines of entries, then each entry as the reader of the JSON does: both forms of the same node give the same facts. */
export function eachEntry<T extends object>(
  given: { readonly text: string; readonly source: string },
  readEntries: ReadEntries,
  readOne: (object: JsonObject, line: number) => T | readonly T[] | Unreadable,
): Result<readonly (T & { readonly text: string })[]> {
  const lines = given.text.split('\n').map((line) => line.replace(/\r$/, ''));
  const problem = (line: number, expected: string) =>
    failed({ code: 'ip-text-unreadable', source: given.source, line, found: shown(lines[line - 1] ?? ''), expected });
  const entries = readEntries(lines);
  if (isFault(entries)) return problem(entries.line, entries.expected);
  const results: (T & { readonly text: string })[] = [];
  for (const { object, line, text } of entries) {
    const one = readOne(object, line);
    if (isUnreadable(one)) return problem(line, one.unreadable);
    const facts = Array.isArray(one) ? (one as readonly T[]) : [one as T];
    results.push(...facts.map((fact) => ({ ...fact, text })));
  }
  return ok(results);
}

function isUnreadable(value: unknown): value is Unreadable {
  return isObject(value) && 'unreadable' in value;
}

/** Words of a line; `ip -o` writes `\` for the ends of lines. */
export function wordsOf(line: string): readonly string[] {
  return line.split(/[\s\\]+/).filter((word) => word !== '');
}
