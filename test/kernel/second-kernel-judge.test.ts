import { expect, test } from 'vitest';
import { describeProblem } from '#facts/result.ts';
import { runNodeInVm, type VmRun } from '../vm/run-in-vm.ts';
import type { JudgedScene } from './packet-judge/run-scene.ts';
import { sceneOf, type Trap, verdicts } from './packet-judge/trap.ts';
import { traps as all } from './packet-judge/traps.ts';
import type { Report, Task } from './packet-judge/worker.ts';

/** What the judge takes for granted: rule traces by netlink, and bridged frames in the hooks of IP. */
const modules = ['nfnetlink_log', 'br_netfilter'];
const traps = all.filter(({ onlyHere }) => onlyHere === undefined);
const seconds = Number(process.env['JUDGE_VM_SECONDS'] ?? 45);

async function linesOf(run: ReturnType<typeof runNodeInVm>): Promise<readonly string[]> {
  const result = await run;
  if (!result.ok) throw new Error(describeProblem(result.problem));
  const { status, errors, output } = result.value satisfies VmRun;
  expect(status, errors).toBe(0);
  return output.trim().split('\n');
}

test('PW every trap springs on the second kernel as on this one', async () => {
  const input = JSON.stringify(traps.map(sceneOf));
  const lines = await linesOf(runNodeInVm('test/kernel/packet-judge/run-given.ts', [], { input, modules, timeoutSeconds: 540 }));
  const judged = lines.map((line) => JSON.parse(line) as JudgedScene);
  const found = judged.map((scene, i) => scene.judged.map((each, j) => [each.wrong, ...verdicts(each, expected(i, j).length)]));
  const wanted = traps.map(({ packets }) => packets.map((packet) => [null, ...packet.expect]));
  expect(named(found)).toEqual(named(wanted));
}, 600_000);

const expected = (trap: number, packet: number): Trap['packets'][number]['expect'] | readonly [] =>
  traps[trap]?.packets[packet]?.expect ?? [];

function named<T>(results: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(results.map((result, i) => [`${i} ${traps[i]?.title}`, result]));
}

test(
  'PW the walk agrees with the second kernel on generated rules',
  async () => {
    // The machine's clock is the host's.
    const deadline = Date.now() + seconds * 1000;
    const task: Task = { seed: 20250920, first: 0, step: 1, scenes: 1e6, deadline, traceEvery: 4, shapes: [], shrinkAtMost: 0 };
    const run = runNodeInVm('test/kernel/packet-judge/worker.ts', [JSON.stringify(task)], { modules, timeoutSeconds: seconds + 120 });
    const reports = (await linesOf(run)).map((line) => JSON.parse(line) as Report);
    const sum = (of: 'packets' | 'traced' | 'notModelled'): number =>
      reports.reduce((total, each) => total + (each.kind === 'scene' ? each.counts[of] : 0), 0);
    console.log(
      `second kernel: ${sum('packets')} packets, ${sum('traced')} traced, ${sum('notModelled')} not modelled, ${reports.length} scenes`,
    );
    expect(reports.filter(({ kind }) => kind !== 'scene')).toEqual([]);
    expect(sum('packets')).toBeGreaterThan(0);
  },
  (seconds + 150) * 1000,
);
