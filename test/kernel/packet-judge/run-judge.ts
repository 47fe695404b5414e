import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Tally } from './tally.ts';
import type { Report, Task } from './worker.ts';

export interface JudgeOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly scenes: number;
  readonly workers: number;
  readonly traceEvery: number;
  readonly shapes: readonly string[];
  readonly shrinkAtMost: number;
  /** Only this scene of the seed. */
  readonly scene?: number;
  /** Scenes whose wrong verdicts do not count. */
  readonly known?: ReadonlySet<number>;
  /** End at the first wrong verdict. */
  readonly stopAtWrong: boolean;
  /** Folder of the sources that are judged. */
  readonly root?: string;
  /** Called now and then with what there is so far. */
  progress?(tally: Tally): void;
}

const worker = 'test/kernel/packet-judge/worker.ts';

/** Runs workers, each in a network namespace and all ending with this process, until the time or the scenes are used up. */
export async function runJudge(options: JudgeOptions): Promise<Tally> {
  const tally = new Tally(options.seed);
  const deadline = Date.now() + options.minutes * 60_000;
  const children: ChildProcessWithoutNullStreams[] = [];
  const stop = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  const timer = setInterval(() => options.progress?.(tally), 10_000);
  const take = (report: Report): void => {
    if (report.kind === 'wrong' && options.known?.has(report.scene)) return;
    tally.add(report);
    if (report.kind === 'wrong' && options.stopAtWrong) stop();
  };
  try {
    const { scene } = options;
    const running = Array.from({ length: scene === undefined ? options.workers : 1 }, (_, worker) => {
      const { seed, workers: step, traceEvery, shapes, shrinkAtMost } = options;
      const first = scene ?? worker;
      const scenes = scene === undefined ? options.scenes : scene + 1;
      const child = startWorker(options.root, { seed, first, step, scenes, deadline, traceEvery, shapes, shrinkAtMost });
      children.push(child);
      return follow(child, take);
    });
    for (const failure of await Promise.all(running)) if (failure !== null && tally.wrong.length === 0) tally.failures.push(failure);
  } finally {
    clearInterval(timer);
    stop();
  }
  return tally;
}

function startWorker(root: string | undefined, task: Task): ChildProcessWithoutNullStreams {
  const home = root ?? new URL('../../..', import.meta.url).pathname;
  const program = [process.execPath, `${home}/${worker}`, JSON.stringify(task)];
  return spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', ...program], { stdio: 'pipe' });
}

/** Takes a worker's lines; what it said on standard error where it failed. */
async function follow(child: ChildProcessWithoutNullStreams, take: (report: Report) => void): Promise<string | null> {
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-4000);
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) take(JSON.parse(line) as Report);
  const status = await ended;
  return status === 0 ? null : `a worker ended with ${status}: ${said}`;
}
