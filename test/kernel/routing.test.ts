import { test } from 'vitest';
import { check, type KernelCase } from './cases/kernel-case.ts';
import { routingCases } from './cases/routing-cases.ts';
import { judge } from './packet-judge/judge.ts';

const cases = routingCases.filter(({ only }) => only !== 'second');
const judged = judge(cases.map(({ scene }) => scene));

test.each(cases.map((each, i) => [each.title, i] as const))('%s', (_, i) => {
  check(cases[i] as KernelCase, judged[i] as (typeof judged)[number]);
});
