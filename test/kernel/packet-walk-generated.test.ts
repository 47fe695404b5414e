import { expect, test } from 'vitest';
import { runJudge } from './packet-judge/run-judge.ts';

/** Three minutes in all, so that CI sees packets that nobody has seen before; the seed that it prints makes them again. */
const fresh = Number(process.env['JUDGE_SEED'] ?? Date.now() % 2 ** 31);
const minutes = Number(process.env['JUDGE_MINUTES'] ?? 1.5);

test.each([
  ['a fixed', 20250920],
  ['a fresh', fresh],
])(
  'PW the walk agrees with the kernel on generated rules of both backends: %s seed, %i',
  async (_, seed) => {
    const tally = await runJudge({
      seed,
      minutes,
      scenes: 1e9,
      workers: 6,
      traceEvery: 8,
      shapes: [],
      shrinkAtMost: 1,
      stopAtWrong: false,
    });
    console.log(tally.summary());
    const { packets, delivered, notModelled } = tally.counts;
    expect(tally.wrong, tally.summary()).toEqual([]);
    expect(tally.failures).toEqual([]);
    expect(tally.refused, tally.summary()).toEqual([]);
    expect(packets).toBeGreaterThan(0);
    expect(delivered).toBeGreaterThan(packets / 5);
    expect(notModelled).toBeLessThan(packets / 100);
  },
  300_000,
);
