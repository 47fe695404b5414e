import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failed, ok, type Result } from '#facts/result.ts';
import { secondKernel } from './debian-kernel.ts';
import { initramfs } from './initramfs.ts';
import { boot, type Ended, repository, sharesOf } from './machine.ts';

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
export async function runInVm({ command, input = '', modules = [], timeoutSeconds, memoryMiB = 1024 }: VmJob): Promise<Result<VmRun>> {
  const kernel = secondKernel();
  const folder = mkdtempSync(join(tmpdir(), 'faultline-vm-'));
  try {
    const results = join(folder, 'results');
    mkdirSync(results);
    writeFileSync(join(results, 'input'), input);
    const shares = sharesOf(kernel);
    const initrd = join(folder, 'initramfs');
    writeFileSync(initrd, initramfs(kernel, shares, jobScript(command, modules)));
    const started = performance.now();
    const ended = await boot({ kernel, initramfs: initrd, shares, results, memoryMiB }, timeoutSeconds);
    return resultOf(results, ended, (performance.now() - started) / 1000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs one of the repository's scripts by our own Node. */
export function runNodeInVm(script: string, args: readonly string[], job: Omit<VmJob, 'command'>): Promise<Result<VmRun>> {
  return runInVm({ ...job, command: [realpathSync(process.execPath), join(repository, script), ...args] });
}

function jobScript(command: readonly string[], modules: readonly string[]): string {
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
