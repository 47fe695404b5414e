import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { beforeAll, expect, it } from 'vitest';

const program = new URL('../../bin/faultline', import.meta.url).pathname;
/** A lab's cgroups carry the pid of the program that started it. */
function cgroupsOf(lab: ChildProcess): readonly string[] {
  const found = execFileSync('find', ['/sys/fs/cgroup', '-type', 'd', '-path', `*/faultline-lab-${lab.pid}-*`], { encoding: 'utf8' });
  return found.split('\n').filter((path) => path !== '');
}

/** What of this machine a lab could leave changed, read without touching anything. */
function machine() {
  return {
    links: readFileSync('/proc/net/dev', 'utf8').match(/^\s*\S+:/gm),
    routes: readFileSync('/proc/net/route', 'utf8'),
    legacyTables: readFileSync('/proc/net/ip_tables_names', 'utf8'),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
    hostname: readFileSync('/proc/sys/kernel/hostname', 'utf8'),
    pidMax: readFileSync('/proc/sys/kernel/pid_max', 'utf8'),
    forwarding: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    nftTables: execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }),
    temporary: readdirSync(tmpdir()).filter((name) => name.startsWith('faultline')),
  };
}

/** Network namespaces that the lab's processes are in, now. */
function namespacesOf(lab: ChildProcess): readonly string[] {
  const procs = cgroupsOf(lab).flatMap((path) => readFileSync(`${path}/cgroup.procs`, 'utf8').split('\n'));
  return [...new Set(procs.filter((pid) => pid !== '').map((pid) => readlinkSync(`/proc/${pid}/ns/net`).replace(/\D/g, '')))];
}

/** Of all processes of this machine: other work may go on beside the test, so only the lab's own are asked for. */
function heldNamespaces(): readonly string[] {
  return execFileSync('lsns', ['--type', 'net', '--noheadings', '--output', 'NS'], { encoding: 'utf8' }).trim().split(/\s+/);
}

function expectGone(lab: ChildProcess, namespaces: readonly string[]): void {
  expect(cgroupsOf(lab)).toEqual([]);
  expect(namespaces.length).toBeGreaterThan(30);
  expect(heldNamespaces().filter((each) => namespaces.includes(each))).toEqual([]);
}

function startLab(...args: readonly string[]): ChildProcess {
  return spawn(program, ['lab', 'run', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Resolves when the lab printed the text. */
async function printed(lab: ChildProcess, text: string): Promise<void> {
  let all = '';
  for await (const chunk of lab.stdout as AsyncIterable<Buffer>) {
    all += chunk;
    if (all.includes(text)) return;
  }
  throw new Error(`the lab ended without '${text}': ${all}`);
}

beforeAll(() => {
  execFileSync(program, ['lab', 'clean']);
});

it('a whole run leaves the machine as it was', async () => {
  const before = machine();
  const lab = startLab('backend-drift', '-o', 'json');
  let output = '';
  lab.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  await once(lab, 'close');
  const events = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const rows = events.filter(({ kind }) => kind === 'truth').flatMap((event) => event.rows);
  expect(rows.length).toBeGreaterThanOrEqual(100);
  expect(rows.filter(({ kernel, claimed }) => kernel !== claimed)).toEqual([]);
  expect(rows.filter(({ kernel, walker }) => kernel !== walker)).toEqual([]);
  expect(lab.exitCode).toBe(0);
  expect(rows.filter(({ kernel }) => kernel === 'dropped').length).toBeGreaterThan(50);
  expect(cgroupsOf(lab)).toEqual([]);
  expect(machine()).toEqual(before);
});

it.each(['SIGINT', 'SIGTERM'] as const)('%s in the middle of the storm leaves the machine as it was', async (signal) => {
  const before = machine();
  const lab = startLab('backend-drift');
  await printed(lab, 'EAGAIN');
  const namespaces = namespacesOf(lab);
  lab.kill(signal);
  expect((await once(lab, 'exit'))[0]).toBe(130);
  expectGone(lab, namespaces);
  expect(machine()).toEqual(before);
});

it('SIGKILL in the middle of the storm leaves empty cgroups only, and lab clean removes them', async () => {
  const before = machine();
  const lab = startLab('backend-drift');
  await printed(lab, 'EAGAIN');
  const namespaces = namespacesOf(lab);
  lab.kill('SIGKILL');
  await once(lab, 'exit');
  execFileSync(program, ['lab', 'clean']);
  expectGone(lab, namespaces);
  expect(machine()).toEqual(before);
});

it('lab clean does not touch a lab that runs', async () => {
  const lab = startLab('healthy', '--hold', 'healthy');
  await printed(lab, 'held');
  execFileSync(program, ['lab', 'clean']);
  expect(cgroupsOf(lab).length).toBeGreaterThan(5);
  expect(execFileSync(program, ['lab', 'list'], { encoding: 'utf8' })).toContain('running');
  lab.kill('SIGINT');
  await once(lab, 'exit');
});
