import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readProcess } from './procfs.ts';

const status = 'Name:\tjava\nUmask:\t0022\nTgid:\t812\nPid:\t812\nUid:\t1000\t1000\t1000\t1000\nThreads:\t1741\n';
const limits = [
  'Limit                     Soft Limit           Hard Limit           Units     ',
  'Max processes             96365                96365                processes ',
  'Max open files            20000                20000                files     ',
  'Max address space         unlimited            unlimited            bytes     ',
].join('\n');

test('a process has its threads, its owner and its soft limits, each with its line', () => {
  const cgroup = '9:name=systemd:/x\n8:cpu,pids:/kubepods/pod1/c\n0::/unified\n';
  expect(readProcess({ status, limits, cgroup }, 'proc/812')).toMatchObject({
    pid: 812,
    name: 'java',
    uid: 1000,
    threads: { value: 1741, at: { source: 'proc/812/status', line: 6 }, text: 'Threads:\t1741' },
    cgroup: '/kubepods/pod1/c',
    maxProcesses: { value: 96365, at: { source: 'proc/812/limits', line: 2 } },
    maxAddressSpace: { value: 'unlimited' },
  });
});

test('without a v1 pids controller the unified path counts; what is not there is null', () => {
  expect(readProcess({ status, limits: null, cgroup: '0::/a\n' }, 'p')).toMatchObject({ cgroup: '/a', maxProcesses: null });
  expect(readProcess({ status: '', limits: null, cgroup: null }, 'p')).toBeNull();
});

test("this machine's own files are read", () => {
  const own = (name: string) => readFileSync(`/proc/self/${name}`, 'utf8');
  const found = readProcess({ status: own('status'), limits: own('limits'), cgroup: own('cgroup') }, 'proc/self');
  expect(found).toMatchObject({ pid: process.pid });
  expect(found?.threads?.value).toBeGreaterThan(0);
  expect(found?.maxOpenFiles).not.toBeNull();
});
