import { expect, test } from 'vitest';
import { evidenceLine } from './evidence-lines.ts';
import { plain } from './palette.ts';

const options = { palette: plain, width: 60, indent: 4 };
const long = `cgroup/pids/${'pod'.repeat(30)}/pids.current`;

test.each([
  [{ source: 'logs/a.log', text: 'short' }, '    logs/a.log:1  short'],
  [{ source: 'logs/a.log', text: 'x'.repeat(90) }, `    logs/a.log:1  ${'x'.repeat(39)}...`],
  [
    { source: 'logs/of-a-component-with-a-long-name.log', text: 'x'.repeat(90) },
    `    logs/of-a-component-with-a-long-name.log:1\n      ${'x'.repeat(51)}...`,
  ],
  [{ source: long, text: '177' }, `    ${long}:1  177`],
])('a place is never cut, its words are: %#', (evidence, expected) => {
  expect(evidenceLine({ ...evidence, line: 1 }, options)).toBe(expected);
});
