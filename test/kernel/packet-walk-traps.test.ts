import { expect, test } from 'vitest';
import { judge } from './packet-judge/judge.ts';
import { sceneOf, verdicts } from './packet-judge/trap.ts';
import { traps } from './packet-judge/traps.ts';

// One process for all: most of a scene's time is the start of one.
const scenes = judge(traps.map(sceneOf));

test.each(traps.map((trap, i) => ({ ...trap, i })))('$title', ({ packets, i }) => {
  const judged = scenes[i]?.judged ?? [];
  expect(judged).toHaveLength(packets.length);
  for (const [j, each] of judged.entries()) {
    const expected = packets[j]?.expect ?? [];
    expect(each.wrong, `packet ${j + 1}`).toBeNull();
    expect(verdicts(each, expected.length), `packet ${j + 1}`).toEqual(expected);
  }
});
