import { expect, test } from 'vitest';
import type { LimitId } from '#facts/limit.ts';
import type { Process } from '#facts/process.ts';
import { read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { pidsHierarchy } from '../../../test/support/pids-builder.ts';
import { emptySnapshot, located, sysctls } from '../../../test/support/snapshot-builder.ts';
import { assessLimits, tasksByPod } from './index.ts';
import { limitTable } from './limit-table.ts';
import { podUid } from './tasks-by-pod.ts';

const process = (pid: number, threads: number, more: Partial<Process> = {}): Process => ({
  pid,
  name: 'java',
  uid: 0,
  threads: located(threads, `proc/${pid}/status`, 37),
  cgroup: null,
  command: null,
  maxProcesses: null,
  maxOpenFiles: null,
  maxAddressSpace: null,
  ...more,
});
const kthreadd = process(2, 1, { name: 'kthreadd' });
const processes = (...all: Process[]) => read(all, 'proc');
const tasks = (total: number) => read(located(total, 'proc/loadavg'), 'proc/loadavg');

const cases: readonly {
  rule: string;
  id: LimitId;
  snapshot: Partial<Snapshot>;
  expected: readonly (readonly [use: number, state: string])[];
}[] = [
  {
    rule: 'pid_max binds when all ids but the unused ones below 300 are taken',
    id: 'kernel.pid_max',
    snapshot: { sysctls: sysctls({ 'kernel.pid_max': 1000 }), tasks: tasks(701), processes: processes(kthreadd) },
    expected: [[701, 'binds']],
  },
  {
    rule: 'pid_max: ids below 300 that may or may not be in use leave it close, not bound',
    id: 'kernel.pid_max',
    snapshot: { sysctls: sysctls({ 'kernel.pid_max': 1000 }), tasks: tasks(750), processes: processes(kthreadd, process(10, 299)) },
    expected: [[750, 'close']],
  },
  {
    rule: 'pid_max of a PID namespace of its own (6.14 on) is compared with its own tasks, not with the host',
    id: 'kernel.pid_max',
    snapshot: { kernel: '6.18.1', sysctls: sysctls({ 'kernel.pid_max': 1000 }), tasks: tasks(5000), processes: processes(process(1, 20)) },
    expected: [[20, 'free']],
  },
  {
    rule: 'pid_max is the host’s in every namespace before 6.14',
    id: 'kernel.pid_max',
    snapshot: { kernel: '4.19.0', sysctls: sysctls({ 'kernel.pid_max': 1000 }), tasks: tasks(5000), processes: processes(process(1, 20)) },
    expected: [[5000, 'binds']],
  },
  {
    rule: 'pid_max stays open where the namespace cannot be told',
    id: 'kernel.pid_max',
    snapshot: { kernel: '6.18.1', sysctls: sysctls({ 'kernel.pid_max': 1000 }), tasks: tasks(5000) },
    expected: [],
  },
  {
    rule: 'threads-max counts all tasks of the host',
    id: 'kernel.threads-max',
    snapshot: { sysctls: sysctls({ 'kernel.threads-max': 500 }), tasks: tasks(500) },
    expected: [[500, 'binds']],
  },
  {
    rule: 'RLIMIT_NPROC sums the tasks of a user and spares root',
    id: 'rlimit-nproc',
    snapshot: {
      processes: processes(
        process(500, 60, { uid: 1000, maxProcesses: located<number | 'unlimited'>(100, 'proc/500/limits', 8) }),
        process(501, 40, { uid: 1000, maxProcesses: located<number | 'unlimited'>('unlimited', 'proc/501/limits', 8) }),
        process(503, 0, {
          uid: 1000,
          capabilities: '0000000001000000',
          maxProcesses: located<number | 'unlimited'>(5, 'proc/503/limits', 8),
        }),
        process(502, 900, { uid: 0, maxProcesses: located<number | 'unlimited'>(100, 'proc/502/limits', 8) }),
      ),
    },
    expected: [[100, 'binds']],
  },
  {
    rule: 'max_map_count is estimated from threads, so it gets close and never binds',
    id: 'vm.max_map_count',
    snapshot: { sysctls: sysctls({ 'vm.max_map_count': 65530 }), processes: processes(process(500, 40000)) },
    expected: [[80000, 'close']],
  },
  {
    rule: 'file-max is compared with the first field of file-nr',
    id: 'fs.file-max',
    snapshot: { sysctls: sysctls({ 'fs.file-max': 2000, 'fs.file-nr': '1950\t0\t2000' }) },
    expected: [[1950, 'close']],
  },
  {
    rule: 'nf_conntrack_max 0 is no limit',
    id: 'nf_conntrack_max',
    snapshot: { sysctls: sysctls({ 'net.netfilter.nf_conntrack_max': 0, 'net.netfilter.nf_conntrack_count': 9 }) },
    expected: [[9, 'free']],
  },
];

test.each(cases)('$rule', ({ id, snapshot, expected }) => {
  const report = assessLimits({ ...emptySnapshot, ...snapshot });
  const found = report.limits.filter((row) => row.id === id);
  expect(found.map((row) => [row.use, row.state])).toEqual(expected);
  if (found.length === 0 || found[0]?.estimated) expect(report.undecided.map((open) => open.limit)).toContain(id);
});

test('an empty snapshot has no limits and asks about every one', () => {
  const report = assessLimits(emptySnapshot);
  expect(report.limits).toEqual([]);
  expect(new Set(report.undecided.map((open) => open.limit))).toEqual(new Set(limitTable.map((entry) => entry.name)));
});

test('what binds is first, with the most refusals leading; then what bound earlier; then the least slack', () => {
  const pids = pidsHierarchy({
    '/': {},
    '/kubepods': { current: 50, max: 50, refused: 0 },
    '/kubepods/podA': { current: 50, max: 'max', refused: 12 },
    '/system.slice': { current: 5, max: 5, refused: 0 },
    '/user.slice': { current: 5, max: 10, refused: 3 },
  });
  const sys = sysctls({ 'kernel.threads-max': 100 });
  const report = assessLimits({ ...emptySnapshot, pids: read(pids, 'cgroup/pids'), sysctls: sys, tasks: tasks(99) });
  expect(report.binding?.subject).toBe('kubepods');
  expect(report.limits.map((row) => row.subject)).toEqual(['kubepods', 'system.slice', 'user.slice', 'host']);
});

test('kubepods as large as pid_max: the host runs out first, and the evidence says so', () => {
  const pids = pidsHierarchy({ '/kubepods': { current: 64413, max: 65535 } });
  const host = { sysctls: sysctls({ 'kernel.pid_max': 65535 }), tasks: tasks(65300), processes: processes(kthreadd) };
  const report = assessLimits({ ...emptySnapshot, ...host, pids: read(pids, 'cgroup/pids') });
  expect(report.binding?.id).toBe('kernel.pid_max');
  expect(report.binding?.evidence.at(-1)).toMatchObject({
    source: 'cgroup/pids/kubepods/pids.max',
    says: expect.stringContaining('host runs out'),
  });
});

const paths: readonly [path: string, uid: string | null][] = [
  ['/kubepods/burstable/pod1b2c3d4e-0000-1111-2222-333344445555', '1b2c3d4e-0000-1111-2222-333344445555'],
  ['/lab/kubepods/podu1', 'u1'],
  [
    '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1b2c3d4e_0000_1111_2222_333344445555.slice',
    '1b2c3d4e-0000-1111-2222-333344445555',
  ],
  ['/kubepods.slice/kubepods-pod1b2c3d4e_0000_1111_2222_333344445555.slice', '1b2c3d4e-0000-1111-2222-333344445555'],
  ['/kubepods/burstable', null],
  ['/kubepods/burstable/podu1/abc', null],
  ['/system.slice/podman.service', null],
];

test.each(paths)('pod cgroup %s', (path, uid) => {
  expect(podUid(path)).toBe(uid);
});

test('tasks by pod: largest first, refusals summed over containers, the tightest limit above', () => {
  const pids = pidsHierarchy({
    '/kubepods': { current: 60, max: 60, refused: 0 },
    '/kubepods/podA': { current: 20, max: 100, refused: 0 },
    '/kubepods/podA/c1': { current: 20, max: 'max', refused: 3 },
    '/kubepods/podB': { current: 40, max: 100, refused: 1 },
  });
  const found = tasksByPod({ ...emptySnapshot, pids: read(pids, 'cgroup/pids') });
  expect(found.kind === 'read' && found.value.map((pod) => [pod.uid, pod.current, pod.refused, pod.tightest?.path])).toEqual([
    ['B', 40, 1, '/kubepods'],
    ['A', 20, 3, '/kubepods'],
  ]);
});
