import { type Entry, type Fault, wordsOf } from './each-line.ts';

/** NUD_*. */
const states = ['INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT', 'NONE'];

/** `ip [-s] neigh`: `10.0.0.9 dev br0 lladdr 00:11:22:33:44:55 REACHABLE`. */
export function readNeighbourLines(lines: readonly string[]): readonly Entry[] | Fault {
  const entries: Entry[] = [];
  for (const [i, text] of lines.entries()) {
    const words = wordsOf(text);
    if (words.length === 0) continue;
    const dev = words.indexOf('dev');
    if (dev < 0 || words[dev + 1] === undefined) return { line: i + 1, expected: "a neighbour, as 'ip neigh' prints it" };
    const lladdr = words.indexOf('lladdr');
    const state = words.flatMap((word) => word.split(',')).filter((word) => states.includes(word));
    const object = { dst: words[0], dev: words[dev + 1], ...(lladdr >= 0 && { lladdr: words[lladdr + 1] }), state };
    entries.push({ object, line: i + 1, text });
  }
  return entries;
}
