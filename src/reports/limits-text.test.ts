import { expect, test } from 'vitest';
import type { LimitReport, LimitUse } from '#facts/limit.ts';
import { limitsText } from './limits-text.ts';
import { plain } from './palette.ts';

const text = { palette: plain, width: 80, wide: false };
const wide = { ...text, wide: true };

const kubepods: LimitUse = {
  id: 'cgroup-pids',
  subject: 'kubepods',
  use: 65535,
  limit: 65535,
  slack: 0,
  unit: 'tasks',
  refused: 1423,
  peak: null,
  state: 'binds',
  owner: 'kubelet',
  evidence: [{ source: 'cgroup/pids/kubepods/pids.max', line: 1, text: '65535', says: 'at most 65,535 tasks' }],
};
const files: LimitUse = {
  ...kubepods,
  id: 'fs.file-max',
  subject: 'host',
  use: 12,
  limit: 2_000_000,
  slack: 1_999_988,
  unit: 'files',
  refused: null,
  state: 'free',
};
const report: LimitReport = {
  limits: [kubepods, files],
  binding: kubepods,
  undecided: [{ limit: 'rlimit-nofile', question: 'is RLIMIT_NOFILE reached?', missing: 'proc/PID/fd' }],
};

test('the binding limit leads with its evidence; every limit is a row with its use as a bar', () => {
  expect(limitsText('node-a', report, text)).toBe(`node-a   pids limit of kubepods BINDS: 65,535 of 65,535 tasks

 x pids limit of kubepods binds, 1,423 refused
   cgroup/pids/kubepods/pids.max:1  65535  at most 65,535 tasks
   set by: kubelet

    limit           use         of                slack  refused
 x  kubepods     65,535     65,535  ########          0    1,423
    fs.file-max      12  2,000,000  #.......  1,999,988        -

 not decided: rlimit-nofile (why: -o wide)
`);
});

test('wide adds the evidence of every row and why something is not decided', () => {
  const shown = limitsText('node-a', report, wide);
  expect(shown).toContain(' fs.file-max of host\n');
  expect(shown).toContain('is RLIMIT_NOFILE reached? Missing: proc/PID/fd');
});

test('lines that say the same say it once, and everything wraps', () => {
  const says = 'forks refused, counted where the fork was tried; no other cgroup above it that can be seen has a limit';
  const evidence = [1, 2, 3].map((line) => ({ source: 'pids.events', line, text: 'max 26', says }));
  const shown = limitsText('node-a', { ...report, limits: [{ ...kubepods, evidence }] }, text);
  expect(shown.match(/forks refused, counted/g)).toHaveLength(1);
  expect(shown.match(/pids.events:\d {2}max 26/g)).toHaveLength(3);
  expect(shown.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('control characters from the snapshot are escaped', () => {
  const hostile = { ...kubepods, subject: 'kube\u001b[31mpods', evidence: [{ source: 'a', line: 1, text: '\u001b[2J', says: '\u0007' }] };
  expect(limitsText('n\u001b', { ...report, limits: [hostile], binding: hostile }, wide)).not.toMatch(/[^\P{Cc}\n]/u);
});

test('no line of the table is wider than 80 columns', () => {
  const long = {
    ...kubepods,
    subject: `kubepods/burstable/pod${'a'.repeat(60)}`,
    use: 4_194_304,
    limit: 4_194_304,
    refused: 999_999,
    peak: 4_194_304,
  };
  const shown = limitsText('node-a', { ...report, limits: [long, files], binding: null }, text);
  const table = shown.split('\n').filter((line) => /[#.]{8} /.test(line));
  expect(table).toHaveLength(2);
  for (const line of table) expect(line.length).toBeLessThanOrEqual(80);
});
