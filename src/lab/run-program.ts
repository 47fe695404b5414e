import { spawnSync } from 'node:child_process';

/** Runs a program that must succeed. Standard output; an Error with the program's own words otherwise. */
export function runProgram(program: string, args: readonly string[], input = ''): string {
  const run = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0) throw new Error(`${program} ${args.join(' ')}: exit status ${run.status}: ${run.stderr.trim()}`);
  return run.stdout;
}
