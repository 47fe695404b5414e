import { spawnSync } from 'node:child_process';
import type { JudgedScene } from './run-scene.ts';
import type { Scene } from './scene.ts';

export type { Judged, JudgedScene } from './run-scene.ts';

const program = new URL('./run-given.ts', import.meta.url).pathname;

/** Runs given scenes on the real kernel, in a process that dies with this one. */
export function judge(scenes: readonly Scene[]): readonly JudgedScene[] {
  const run = spawnSync('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', process.execPath, program], {
    input: JSON.stringify(scenes),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (run.status !== 0) throw new Error(`the judge's process failed (${run.status}): ${run.stderr}`);
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JudgedScene);
}
