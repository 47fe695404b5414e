import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Compared, Task } from './reach/compare-scenes.ts';

const program = new URL('./reach/compare-scenes.ts', import.meta.url).pathname;

/** Compares in a network namespace of a process that dies with this one. */
function compare(task: Task): readonly Compared[] {
  const run = spawnSync('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', process.execPath, program, JSON.stringify(task)], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (run.status !== 0) throw new Error(`the comparison failed (${run.status}): ${run.stderr}`);
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Compared);
}

const fresh = Date.now() % 2 ** 31;

test.each([
  ['a fixed', 20250920],
  ['a fresh', fresh],
])('PW reach by classes is what walks of the single packets say, over rules of every shape: %s seed, %i', (_, seed) => {
  const compared = compare({ seed, first: 0, scenes: 60, deadline: Date.now() + 40_000, shapes: [] });
  expect(compared.flatMap(({ scene, shape, wrong }) => wrong.map((each) => `${shape} ${scene}: ${each}`))).toEqual([]);
  const pairs = compared.reduce((sum, each) => sum + each.pairs, 0);
  const single = compared.reduce((sum, each) => sum + each.single, 0);
  const lost = compared.reduce((sum, { verdicts }) => sum + (verdicts['dropped'] ?? 0), 0);
  const delivered = compared.reduce((sum, { verdicts }) => sum + (verdicts['delivered'] ?? 0), 0);
  expect(pairs).toBeGreaterThan(1000);
  expect(Math.min(lost, delivered)).toBeGreaterThan(pairs / 20);
  // Classes that cannot be run are walked pair by pair, which says nothing of the classes.
  expect(single).toBeLessThan(pairs / 20);
});
