import { formatAddress } from '#facts/address.ts';
import type { ReachSources } from '#facts/reach.ts';
import type { Model } from '../model.ts';
import { firstBits } from './bits.ts';
import type { Endpoint } from './endpoints.ts';
import { pairFates } from './pair-fates.ts';
import type { PairQuestion } from './question.ts';
import { sourceBoundaries } from './source-boundaries.ts';

/** More intervals than this are not told apart. */
const maxIntervals = 500_000;
const end = 2 ** 32;

/** Every IPv4 address as a source that arrives by one interface: one of each interval between the boundaries of all conditions stands for the others. */
export function sourceSets(model: Model, question: PairQuestion, inInterface: string, { name }: Endpoint, protocol: string): ReachSources {
  const plain = { protocol, to: name, inInterface };
  const starts = sourceBoundaries(model.snapshot);
  if (typeof starts === 'string') return { ...plain, sets: null, because: starts };
  if (starts.length > maxIntervals) return { ...plain, sets: null, because: `${starts.length} intervals of addresses are too many` };
  const sources = starts.map((word) => ({ address: { family: 'ip' as const, words: [word] }, inInterface }));
  const { fates, of } = pairFates(model, { ...question, sources, pairs: [{ x: firstBits(sources.length), y: firstBits(1) }] });
  const width = question.destinations.length;
  const sets = fates.map((fate, i) => {
    const intervals: { readonly first: number; last: number }[] = [];
    for (const [row, first] of starts.entries()) {
      if (of[row * width] !== i) continue;
      const last = (starts[row + 1] ?? end) - 1;
      const open = intervals.at(-1);
      if (open !== undefined && open.last === first - 1) open.last = last;
      else intervals.push({ first, last });
    }
    return { ...fate, prefixes: intervals.flatMap(prefixesOf) };
  });
  return { ...plain, sets: sets.filter(({ prefixes }) => prefixes.length > 0), because: null };
}

/** The fewest blocks that make up an interval. */
function prefixesOf({ first, last }: { readonly first: number; readonly last: number }): readonly string[] {
  const found: string[] = [];
  for (let at = first; at <= last; ) {
    let bits = 32;
    while (bits > 0 && at % 2 ** (33 - bits) === 0 && at + 2 ** (33 - bits) - 1 <= last) bits--;
    found.push(`${formatAddress({ family: 'ip', words: [at] })}/${bits}`);
    at += 2 ** (32 - bits);
  }
  return found;
}
