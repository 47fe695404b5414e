import { expect, test } from 'vitest';
import { read } from '#facts/result.ts';
import { type Figures, pidsHierarchy } from '../../../test/support/pids-builder.ts';
import { emptySnapshot } from '../../../test/support/snapshot-builder.ts';
import { cgroupPids } from './cgroup-pids.ts';

type Events = 'forking-cgroup' | 'limiting-cgroup';
const rows = (groups: Record<string, Figures>, events: Events = 'forking-cgroup') =>
  cgroupPids({ ...emptySnapshot, pids: read(pidsHierarchy(groups, events), 'cgroup/pids') });
const summary = (answer: ReturnType<typeof rows>) => answer.limits.map((row) => [row.subject, row.state, row.refused]);

const pod = '/kubepods/burstable/podA';

const cases: readonly { rule: string; groups: Record<string, Figures>; events?: Events; expected: unknown[]; asks?: RegExp }[] = [
  {
    rule: 'a full parent binds, and the refusals counted in its leaves are its own',
    groups: {
      '/kubepods': { current: 50, max: 50, refused: 0 },
      '/kubepods/burstable': { current: 50, max: 'max', refused: 0 },
      [pod]: { current: 30, max: 'max', refused: 9 },
      '/kubepods/burstable/podB': { current: 20, max: 100, refused: 2 },
    },
    expected: [
      ['kubepods', 'binds', 11],
      ['kubepods/burstable/podB', 'free', 0],
    ],
  },
  {
    rule: 'a leaf full at its own limit keeps its refusals',
    groups: { '/kubepods': { current: 40, max: 100, refused: 0 }, '/kubepods/podA': { current: 20, max: 20, refused: 4 } },
    expected: [
      ['kubepods', 'free', 0],
      ['kubepods/podA', 'binds', 4],
    ],
  },
  {
    rule: 'full leaf and full parent: whose refusals they are cannot be told',
    groups: { '/kubepods': { current: 50, max: 50, refused: 0 }, '/kubepods/podA': { current: 20, max: 20, refused: 4 } },
    expected: [
      ['kubepods', 'binds', null],
      ['kubepods/podA', 'binds', null],
    ],
    asks: /4 forks.*kubepods\/podA or kubepods|kubepods\/podA or kubepods/,
  },
  {
    rule: 'a limit that was raised after it refused is bound: no other cgroup above the refused fork has one',
    groups: { '/': {}, '/kubepods': { current: 40, max: 100, refused: 0 }, '/kubepods/podA': { current: 20, max: 'max', refused: 4 } },
    expected: [['kubepods', 'bound', 4]],
  },
  {
    rule: 'where a level above is not in the snapshot, another limit may have refused',
    groups: { '/kubepods': { current: 40, max: 100, refused: 0 }, '/kubepods/burstable/podA': { current: 20, max: 'max', refused: 4 } },
    expected: [['kubepods', 'free', null]],
    asks: /kubepods/,
  },
  {
    rule: 'within a cgroup namespace a raised limit is bound, too, as far as can be seen',
    groups: {
      '/': { current: 41, max: 'max' },
      '/kubepods': { current: 40, max: 100, refused: 0 },
      '/kubepods/podA': { current: 20, max: 'max', refused: 4 },
    },
    expected: [['kubepods', 'bound', 4]],
  },
  {
    rule: "a child's peak above its parent's shows that the parent refused, even within a namespace",
    groups: {
      '/': { current: 41, max: 'max', peak: 51 },
      '/kubepods': { current: 40, max: 100, refused: 0, peak: 50 },
      '/kubepods/podA': { current: 20, max: 60, refused: 4, peak: 51 },
    },
    expected: [
      ['kubepods', 'bound', 4],
      ['kubepods/podA', 'free', 0],
    ],
  },
  {
    rule: 'a peak above the limit of today (it was lowered since) makes it a suspect, not the culprit',
    groups: {
      '/kubepods': { current: 40, max: 100, refused: 0, peak: 50 },
      '/kubepods/podA': { current: 20, max: 30, refused: 4, peak: 51 },
    },
    expected: [
      ['kubepods', 'free', null],
      ['kubepods/podA', 'free', null],
    ],
    asks: /kubepods\/podA or kubepods/,
  },
  {
    rule: 'equal peaks of child and parent tell nothing',
    groups: {
      '/kubepods': { current: 40, max: 100, refused: 0, peak: 50 },
      '/kubepods/podA': { current: 20, max: 60, refused: 4, peak: 50 },
    },
    expected: [
      ['kubepods', 'free', null],
      ['kubepods/podA', 'free', null],
    ],
    asks: /podA or kubepods/,
  },
  {
    rule: 'a limit without refusals is not bound, however high the peak',
    groups: { '/kubepods': { current: 40, max: 100, refused: 0, peak: 100 } },
    expected: [['kubepods', 'free', 0]],
  },
  {
    rule: 'the newer kernels count at the limit: the local counter names it, the sums above it do not',
    groups: {
      '/kubepods': { current: 40, max: 100, refused: 7, local: 0 },
      '/kubepods/podA': { current: 20, max: 30, refused: 7, local: 7 },
    },
    events: 'limiting-cgroup',
    expected: [
      ['kubepods', 'free', 0],
      ['kubepods/podA', 'bound', 7],
    ],
  },
  {
    rule: 'without a local counter, what the children account for is not the parent’s',
    groups: { '/kubepods': { current: 40, max: 100, refused: 9 }, '/kubepods/podA': { current: 20, max: 30, refused: 7 } },
    events: 'limiting-cgroup',
    expected: [
      ['kubepods', 'bound', 2],
      ['kubepods/podA', 'bound', 7],
    ],
  },
  {
    rule: 'kubepods without a limit is shown, other unlimited cgroups are not',
    groups: { '/kubepods': { current: 40, max: 'max', refused: 0 }, '/init.scope': { current: 1, max: 'max', refused: 0 } },
    expected: [['kubepods', 'free', 0]],
  },
  {
    rule: 'an unreadable pids.max is a question',
    groups: { '/kubepods': { current: 40 } },
    expected: [],
    asks: /pids\.max/,
  },
];

test.each(cases)('$rule', ({ groups, events, expected, asks }) => {
  const answer = rows(groups, events);
  expect(summary(answer)).toEqual(expected);
  const questions = answer.undecided.map((open) => `${open.question} ${open.missing}`).join('\n');
  if (asks === undefined) expect(questions).toBe('');
  else expect(questions).toMatch(asks);
});

test('evidence cites the files of the cgroup and the leaf counters', () => {
  const [row] = rows({ '/kubepods': { current: 50, max: 50 }, '/kubepods/podA': { current: 50, max: 'max', refused: 9 } }).limits;
  expect(row?.evidence.map((line) => `${line.source}:${line.line} ${line.text}`)).toEqual([
    'cgroup/pids/kubepods/pids.max:1 50',
    'cgroup/pids/kubepods/pids.current:1 50',
    'cgroup/pids/kubepods/podA/pids.events:1 9',
  ]);
});

test('bound is supported where only the absence of other limits speaks for it, and proven by a peak', () => {
  const raised = { current: 40, max: 100, refused: 0 } as const;
  const [supported] = rows({ '/kubepods': raised, '/kubepods/podA': { current: 20, max: 'max', refused: 4 } }).limits;
  const [proven] = rows({
    '/kubepods': { ...raised, peak: 50 },
    '/kubepods/podA': { current: 20, max: 'max', refused: 4, peak: 51 },
  }).limits;
  expect([supported?.confidence, proven?.confidence]).toEqual(['supported', undefined]);
});
