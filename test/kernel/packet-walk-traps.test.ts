import { expect, test } from 'vitest';
import { judge } from './packet-judge/judge.ts';
import { sceneOf, traps, verdicts } from './packet-judge/traps.ts';

test.each(traps)('$title', (trap) => {
  const [judged] = judge([sceneOf(trap)]);
  for (const [i, each] of (judged?.judged ?? []).entries()) {
    const expected = trap.packets[i]?.expect ?? [];
    expect(each.wrong, `packet ${i + 1}`).toBeNull();
    expect(verdicts(each, expected.length), `packet ${i + 1}`).toEqual(expected);
  }
});
