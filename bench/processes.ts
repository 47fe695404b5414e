import { type StdioOptions, spawnSync } from 'node:child_process';

export interface RunOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Standard input; none where left out. */
  readonly input?: string;
  /** An open file, or `pipe` to get the text; /dev/null where left out. */
  readonly output?: number | 'pipe';
  readonly mayFail?: boolean;
}

export interface RunResult {
  readonly status: number | null;
  readonly text: string;
  /** From spawn to exit. */
  readonly milliseconds: number;
}

/** Runs a program to its end; it dies with this process. Throws where it fails, with what it said. */
export function run(command: readonly string[], { environment, input, output, mayFail }: RunOptions): RunResult {
  const stdio: StdioOptions = [input === undefined ? 'ignore' : 'pipe', output ?? 'ignore', 'pipe'];
  const start = performance.now();
  const done = spawnSync('setpriv', ['--pdeathsig', 'KILL', ...command], {
    stdio,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    ...(input !== undefined && { input }),
  });
  const milliseconds = performance.now() - start;
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0 && mayFail !== true)
    throw new Error(`${command.join(' ')} ended with ${done.status ?? done.signal}: ${done.stderr}`);
  return { status: done.status, text: done.stdout ?? '', milliseconds };
}
