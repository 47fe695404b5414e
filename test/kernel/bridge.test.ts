import { test } from 'vitest';
import { bridgeCases } from './cases/bridge-cases.ts';
import { check, type KernelCase } from './cases/kernel-case.ts';
import { judge } from './packet-judge/judge.ts';

const cases = bridgeCases.filter(({ only }) => only !== 'second');
const judged = judge(cases.map(({ scene }) => scene));

test.each(cases.map((each, i) => [each.title, i] as const))('%s', (_, i) => {
  check(cases[i] as KernelCase, judged[i] as (typeof judged)[number]);
});
