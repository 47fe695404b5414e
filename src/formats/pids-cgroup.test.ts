import { expect, test } from 'vitest';
import { readPidsHierarchy } from './pids-cgroup.ts';

const v1 = { version: 1, source: 'cgroup/pids', kernel: '6.18.44' } as const;
const files = new Map([
  ['kubepods/pids.max', '65535\n'],
  ['kubepods/pids.current', '64413\n'],
  ['kubepods/pids.events', 'max 1423\n'],
  ['kubepods/pids.peak', '65536\n'],
  ['kubepods/burstable/pids.max', 'max\n'],
  ['kubepods/burstable/pids.current', 'garbage\n'],
]);

test('each file is a value with its place and its text', () => {
  const { groups } = readPidsHierarchy(files, v1);
  expect([...groups.keys()]).toEqual(['/kubepods', '/kubepods/burstable']);
  expect(groups.get('/kubepods')).toMatchObject({
    current: { value: 64413, at: { source: 'cgroup/pids/kubepods/pids.current', line: 1 }, text: '64413' },
    max: { value: 65535 },
    refused: { value: 1423, text: 'max 1423' },
    refusedLocal: null,
    peak: { value: 65536 },
  });
});

test('no limit is the word max, and what is no number is not read as one', () => {
  expect(readPidsHierarchy(files, v1).groups.get('/kubepods/burstable')).toMatchObject({
    max: { value: 'max' },
    current: null,
    peak: null,
  });
});

test.each([
  ['v1, whatever the kernel', 1, '6.18.44', [], 'forking-cgroup'],
  ['v2 before 6.11', 2, '6.1.0-25-amd64', [], 'forking-cgroup'],
  ['v2 since 6.11', 2, '6.11.0', [], 'limiting-cgroup'],
  ['v2 with the change picked to an older kernel', 2, '5.14.0-570.el9', [['a/pids.events.local', 'max 1\n']], 'limiting-cgroup'],
  ['v2 of an unknown kernel', 2, null, [], 'forking-cgroup'],
] as const)('pids.events of %s', (_, version, kernel, extra, counts) => {
  const all = new Map<string, string>([['a/pids.events', 'max 3\n'], ...extra]);
  expect(readPidsHierarchy(all, { version, source: 'x', kernel }).eventsCount).toBe(counts);
});
