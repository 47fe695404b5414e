import { expect, test } from 'vitest';
import { describeProblem } from '#facts/result.ts';
import { runNodeInVm } from '../vm/run-in-vm.ts';
import { bridgeCases } from './cases/bridge-cases.ts';
import { ipsetCases } from './cases/ipset-cases.ts';
import { check, type KernelCase } from './cases/kernel-case.ts';
import { routingCases } from './cases/routing-cases.ts';
import type { JudgedScene } from './packet-judge/run-scene.ts';

const cases = [...ipsetCases, ...routingCases, ...bridgeCases].filter(({ only }) => only !== 'this');

/** Also the types of ipset that the first kernel lacks. */
test('PW sets, routes and bridges of the second kernel are as the walk has them', async () => {
  const input = JSON.stringify(cases.map(({ scene }) => scene));
  const modules = ['nfnetlink_log', 'br_netfilter'];
  const run = await runNodeInVm('test/kernel/packet-judge/run-given.ts', [], { input, modules, timeoutSeconds: 540 });
  if (!run.ok) throw new Error(describeProblem(run.problem));
  const { status, errors, output } = run.value;
  expect(status, errors).toBe(0);
  const judged = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JudgedScene);
  const failed = cases.flatMap((each, i) => failureOf(each, judged[i] as JudgedScene) ?? []);
  expect(failed).toEqual([]);
}, 600_000);

function failureOf(each: KernelCase, judged: JudgedScene): string | null {
  try {
    check(each, judged);
    return null;
  } catch (error) {
    return `${each.title}: ${error instanceof Error ? error.message : error}`;
  }
}
