import { isObject } from '../json-fields.ts';

/** What a scan of a rule finds without compiling it. */
export interface Scan {
  readonly jumps: readonly string[];
  /** Maps that a verdict is looked up in. */
  readonly maps: readonly string[];
  /** Sets whose elements the rule changes. */
  readonly changed: readonly string[];
}

/** Walks over JSON of any depth: a loop and no recursion. */
export function jumpsIn(value: unknown): Scan {
  const jumps: string[] = [];
  const maps: string[] = [];
  const changed: string[] = [];
  const open: unknown[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) pushAll(open, next);
    if (!isObject(next)) continue;
    pushAll(open, Object.values(next));
    for (const [key, inner] of Object.entries(next)) {
      if ((key === 'jump' || key === 'goto') && isObject(inner) && typeof inner['target'] === 'string') jumps.push(inner['target']);
      if (key === 'vmap' && isObject(inner) && typeof inner['data'] === 'string') maps.push(inner['data'].replace(/^@/, ''));
      const set = (key === 'set' || key === 'map') && isObject(inner) && 'op' in inner ? inner[key] : null;
      if (typeof set === 'string') changed.push(set.replace(/^@/, ''));
    }
  }
  return { jumps, maps, changed };
}

/** What stands first comes off first. */
function pushAll(open: unknown[], values: readonly unknown[]): void {
  for (let i = values.length - 1; i >= 0; i--) if (typeof values[i] === 'object' && values[i] !== null) open.push(values[i]);
}
