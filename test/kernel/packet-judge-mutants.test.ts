import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mutants } from './packet-judge/mutants.ts';

/** `npm run judge -- --mutants` runs them; here they only have to fit the sources, so that none is lost when these change. */
test.each(mutants)('PW the mutant fits the sources: $rule', ({ file, text }) => {
  expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split(text)).toHaveLength(2);
});

test('PW at least 30 rules of the walk have a mutant', () => {
  expect(new Set(mutants.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(30);
});
