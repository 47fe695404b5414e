import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failed, ok, type Result } from '#facts/result.ts';
import { secondKernel } from './debian-kernel.ts';
import { initramfs } from './initramfs.ts';
import { boot, type Ended, repository, type Share, sharesOf } from './machine.ts';
import { hook, stripTypes } from './strip-types.ts';

export interface VmJob {
  /** The program and its arguments; it runs as root, in the repository's folder, alone on the machine. */
  readonly command: readonly string[];
  readonly input?: string;
  /** Kernel modules to load before, where the command takes for granted what the kernel does not load by itself: loggers, bridge-nf. */
  readonly modules?: readonly string[];
  /** Past it the machine is ended, whatever it does. */
  readonly timeoutSeconds: number;
  readonly memoryMiB?: number;
}

export interface VmRun {
  readonly status: number;
  /** Standard output of the command; `errors` is its standard error. */
  readonly output: string;
  readonly errors: string;
  /** What the kernel said. */
  readonly console: string;
  /** Until the command started, by the machine's own clock; `seconds` is the whole run, by ours. */
  readonly bootSeconds: number;
  readonly seconds: number;
}

/**
 * Runs a command on the distribution's own kernel, in a virtual machine without a network. Programs, libraries and this repository are the
 * host's, shared read-only. A command that fails is a run with its status; a machine that ends without one is a problem.
 */
export function runInVm(job: VmJob): Promise<Result<VmRun>> {
  return inFolder((folder) => runWith(job, folder, []));
}

/**
 * Runs one of the repository's scripts by our own Node, without a just-in-time compiler: emulated, that is two to three times as fast, and compiled
 * code has crashed there (V8's checks of its code pages failed, one run in ten).
 */
export function runNodeInVm(script: string, args: readonly string[], job: Omit<VmJob, 'command'>): Promise<Result<VmRun>> {
  return inFolder((folder) => {
    const stripped: Share = { tag: 'stripped', from: join(folder, 'stripped'), path: '/vm/stripped' };
    stripTypes(repository, stripped.from);
    const node = [realpathSync(process.execPath), '--jitless', '--import', join(stripped.path, hook)];
    return runWith({ ...job, command: [...node, join(repository, script), ...args] }, folder, [stripped]);
  });
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-vm-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runWith(job: VmJob, folder: string, more: readonly Share[]): Promise<Result<VmRun>> {
  const { input = '', timeoutSeconds, memoryMiB = 1024 } = job;
  const kernel = secondKernel();
  const results = join(folder, 'results');
  mkdirSync(results);
  writeFileSync(join(results, 'input'), input);
  const shares = [...sharesOf(kernel), ...more];
  const initrd = join(folder, 'initramfs');
  writeFileSync(initrd, initramfs(kernel, shares, jobScript(job)));
  const started = performance.now();
  const ended = await boot({ kernel, initramfs: initrd, shares, results, memoryMiB }, timeoutSeconds);
  return resultOf(results, ended, (performance.now() - started) / 1000);
}

function jobScript({ command, modules = [] }: VmJob): string {
  const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
  return `${modules.map((name) => `$box modprobe ${name}\n`).join('')}cd ${quoted(repository)}\n${command.map(quoted).join(' ')}\n`;
}

function resultOf(folder: string, { console, because }: Ended, seconds: number): Result<VmRun> {
  const output = textOf(folder, 'output');
  const errors = textOf(folder, 'errors');
  const status = textOf(folder, 'status').trim();
  if (status !== '') return ok({ status: Number(status), output, errors, console, bootSeconds: Number(textOf(folder, 'booted')), seconds });
  const last = [console, output, errors].map((text) => text.trimEnd().split('\n').slice(-60).join('\n')).join('\n');
  return failed({
    code: 'vm-ended-early',
    source: 'second kernel',
    found: `${because ?? 'no exit status'}\n${last}`,
    expected: 'an exit status',
  });
}

function textOf(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
}
