import type { Op } from './op.ts';

/** More different operations than this are made anew each time. */
const maxShared = 10_000;
const known = new Map<string, Op>();

/** One object for all rules that do the same: of 100,000 rules what is common stays in the processor's cache. */
export function shared<T extends Op | null>(key: string, make: () => T): Op | T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  if (made !== null && known.size < maxShared) known.set(key, made);
  return made;
}
