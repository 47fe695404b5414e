import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutants/mutant.ts';
import { mutants } from './mutants.ts';
import { type JudgeOptions, runJudge } from './run-judge.ts';

const home = new URL('../../..', import.meta.url).pathname;

export interface MutantOptions {
  readonly seed: number;
  /** Time that the judge has to find each. */
  readonly minutes: number;
  readonly workers: number;
  /** Only mutants whose rule or file has this text. */
  readonly only: string;
}

/** Breaks one rule of the walk after the other, in a copy of the sources, and lets the judge look for it. Gives those that it did not find. */
export async function runMutants(options: MutantOptions, say: (line: string) => void): Promise<readonly Mutant[]> {
  const root = mkdtempSync(join(tmpdir(), 'faultline-mutants-'));
  const survivors: Mutant[] = [];
  try {
    for (const copy of ['mutant', 'walk']) copySources(join(root, copy));
    const chosen = mutants.filter(({ rule, file }) => `${rule} ${file}`.includes(options.only));
    for (const [i, mutant] of chosen.entries()) {
      const found = await judgeMutant(mutant, root, options);
      say(`mutant ${i + 1} of ${chosen.length}: ${found ?? 'SURVIVED'}: ${mutant.rule}`);
      if (found === null) survivors.push(mutant);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return survivors;
}

function copySources(to: string): void {
  for (const part of ['src', 'test', 'package.json']) cpSync(join(home, part), join(to, part), { recursive: true });
  symlinkSync(join(home, 'node_modules'), join(to, 'node_modules'));
}

/** How it was found, or null. The source is as before afterwards. */
async function judgeMutant({ file, text, replacement, shapes }: Mutant, root: string, options: MutantOptions): Promise<string | null> {
  const path = join(root, 'mutant', file);
  const before = readFileSync(path, 'utf8');
  if (before.split(text).length !== 2) return 'NOT APPLIED: its text is not in the source exactly once';
  writeFileSync(
    path,
    before.replace(text, () => replacement),
  );
  try {
    return await find(root, options, shapes ?? []);
  } finally {
    writeFileSync(path, before);
  }
}

/** What the walk without the mutant gets wrong, too, does not count. */
async function find(root: string, options: MutantOptions, shapes: readonly string[]): Promise<string | null> {
  const known = new Set<number>();
  for (;;) {
    const tally = await runJudge({ ...judging(options, shapes), root: join(root, 'mutant'), known });
    const [wrong] = tally.wrong;
    if (wrong === undefined) return tally.failures.length === 0 ? null : `the worker failed: ${tally.failures[0]?.slice(0, 200)}`;
    const own = await runJudge({ ...judging(options, shapes), root: join(root, 'walk'), scene: wrong.scene });
    if (own.wrong.length === 0) return `found after ${tally.counts.packets} packets (${wrong.shape} ${wrong.scene})`;
    known.add(wrong.scene);
  }
}

function judging(options: MutantOptions, shapes: readonly string[]): JudgeOptions {
  return { ...options, scenes: 1e9, traceEvery: 4, shapes, shrinkAtMost: 0, stopAtWrong: true };
}
