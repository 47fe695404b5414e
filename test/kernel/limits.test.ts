import { execFileSync } from 'node:child_process';
import { release } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assessLimits } from '#engines/limits/index.ts';
import type { PidsHierarchy } from '#facts/cgroup.ts';
import { read } from '#facts/result.ts';
import { readPidsHierarchy } from '#formats/pids-cgroup.ts';
import { hasPidsV1, PidsTree } from '../support/pids-cgroups.ts';
import { emptySnapshot } from '../support/snapshot-builder.ts';

/** Starts background tasks one after another until the shell cannot fork. dash gives up at the first refusal, in a subshell here. */
const forkUntilRefused = (tasks: number) => `( i=0; while [ $i -lt ${tasks} ]; do sleep 60 >/dev/null 2>&1 & i=$((i+1)); done ) 2>&1`;

describe.runIf(hasPidsV1)('limits on the kernel (cgroup v1 pids)', () => {
  let tree: PidsTree;
  beforeEach(() => {
    tree = new PidsTree();
  });
  afterEach(() => tree.remove());

  const hierarchy = (): PidsHierarchy => readPidsHierarchy(tree.files(), { version: 1, source: 'cgroup/pids', kernel: release() });
  const group = (pids: PidsHierarchy, suffix: string) =>
    [...pids.groups.values()].find((each) => each.path.endsWith(suffix)) ?? expect.fail(suffix);
  const assess = () => assessLimits({ ...emptySnapshot, pids: read(hierarchy(), 'cgroup/pids') });

  test('a refusal by the parent is counted in the leaf, and the leaf peak includes the refused attempt', async () => {
    tree.make('kubepods', 50);
    const out = await tree.run(tree.make('kubepods/podA'), forkUntilRefused(100));
    expect(out).toMatch(/fork/i);
    const pids = hierarchy();
    const [parent, leaf] = [group(pids, '/kubepods'), group(pids, '/podA')];
    expect([parent.refused?.value, leaf.refused?.value]).toEqual([0, 1]);
    expect([parent.peak?.value, leaf.peak?.value]).toEqual([50, 51]);
  });

  test('assessLimits names the full parent, with the refusals of its leaves', async () => {
    tree.make('kubepods', 50);
    await tree.run(tree.make('kubepods/podB'), 'for i in 1 2 3 4 5; do sleep 60 >/dev/null 2>&1 & done');
    await tree.run(tree.make('kubepods/podA', 200), forkUntilRefused(100));
    const row = assess().limits.find((each) => each.subject.endsWith('/kubepods')) ?? expect.fail('no row');
    expect(row).toMatchObject({ limit: 50, peak: 50, refused: 1 });
    expect(['binds', 'bound']).toContain(row.state);
    expect(row.evidence.at(-1)?.source).toMatch(/podA\/pids\.events$/);
  });

  test('a limit raised after it refused is bound: the peaks show whose it was', async () => {
    tree.make('kubepods', 50);
    await tree.run(tree.make('kubepods/podA', 200), forkUntilRefused(100));
    tree.make('kubepods', 500);
    const row = assess().limits.find((each) => each.subject.endsWith('/kubepods')) ?? expect.fail('no row');
    expect(row).toMatchObject({ limit: 500, peak: 50, refused: 1, state: 'bound' });
  });

  test('a leaf that is full at its own limit keeps its refusals', async () => {
    tree.make('kubepods', 200);
    await tree.run(tree.make('kubepods/podA', 30), forkUntilRefused(100));
    const limits = assess().limits;
    expect(limits.find((each) => each.subject.endsWith('/podA'))).toMatchObject({ limit: 30, refused: 1 });
    expect(limits.find((each) => each.subject.endsWith('/kubepods'))).toMatchObject({ refused: 0, state: 'free' });
  });
});

describe.runIf(process.getuid?.() === 0)('limits on the kernel (PID namespaces)', () => {
  const inside = (script: string) =>
    execFileSync('unshare', ['--pid', '--fork', '--mount-proc', 'sh', '-c', script], { encoding: 'utf8' }).trim();
  const newer = /^(6\.(1[4-9]|[2-9]\d)|[7-9]\.|\d\d)/.test(release());

  test.runIf(newer)('a fresh PID namespace has a pid_max of its own, and setting it leaves the host’s alone', () => {
    const host = execFileSync('cat', ['/proc/sys/kernel/pid_max'], { encoding: 'utf8' }).trim();
    expect(inside('echo 500 > /proc/sys/kernel/pid_max; cat /proc/sys/kernel/pid_max')).toBe('500');
    expect(execFileSync('cat', ['/proc/sys/kernel/pid_max'], { encoding: 'utf8' }).trim()).toBe(host);
  });

  test.runIf(newer)('a fork past the namespace’s pid_max is refused', () => {
    const script =
      'echo 400 > /proc/sys/kernel/pid_max; (i=0; while [ $i -lt 500 ]; do sleep 20 >/dev/null 2>&1 & i=$((i+1)); done) 2>&1 | head -1';
    expect(inside(script)).toMatch(/fork/i);
  });

  test('/proc/loadavg counts the tasks of the whole host inside a PID namespace too', () => {
    const total = Number(/\/(\d+) /.exec(inside('cat /proc/loadavg'))?.[1]);
    expect(total).toBeGreaterThan(Number(inside('ls -d /proc/[0-9]* | wc -l')));
  });
});
