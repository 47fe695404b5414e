import { failed, ok, type Result } from '#facts/result.ts';
import { isObject, type JsonObject } from '../json-fields.ts';
import { JsonPlaces } from '../json-places.ts';
import { parseJson } from '../json-text.ts';
import { foundText, shown } from '../shown.ts';

/** What one object could not be read for. */
export interface Unreadable {
  readonly unreadable: string;
}

export function unreadable(expected: string): Unreadable {
  return { unreadable: expected };
}

/** Reads each object of an array with its line and that line's text, so that evidence can cite it. Empty objects are what `ip` prints for entries it filtered out; they are left out. */
export function eachObject<T extends object>(
  text: string,
  source: string,
  readOne: (object: JsonObject, line: number) => T | readonly T[] | Unreadable,
): Result<readonly (T & { readonly text: string })[]> {
  const json = parseJson(text, source);
  if (!json.ok) return json;
  if (!Array.isArray(json.value)) {
    return failed({ code: 'ip-json-unreadable', source, line: 1, found: foundText(text), expected: "an array, as 'ip -j' prints" });
  }
  const places = new JsonPlaces(text);
  const offsets = places.elements([]);
  const lines = text.split('\n');
  const results: (T & { readonly text: string })[] = [];
  for (const [index, item] of json.value.entries()) {
    if (isObject(item) && Object.keys(item).length === 0) continue;
    const line = places.line(offsets[index] as number);
    const one = isObject(item) ? readOne(item, line) : unreadable('an object');
    if (isUnreadable(one)) {
      // The text itself: JSON.stringify overflows the stack where JSON.parse did not.
      const found = shown(places.text(offsets[index] as number, 61));
      return failed({ code: 'ip-json-unreadable', source, line, found, expected: one.unreadable });
    }
    const facts = Array.isArray(one) ? (one as readonly T[]) : [one as T];
    results.push(...facts.map((fact) => ({ ...fact, text: lines[line - 1] ?? '' })));
  }
  return ok(results);
}

function isUnreadable(value: unknown): value is Unreadable {
  return isObject(value) && 'unreadable' in value;
}
