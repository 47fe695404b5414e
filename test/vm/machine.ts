import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SecondKernel } from './debian-kernel.ts';

/** A folder of the host that the machine sees, read-only. */
export interface Share {
  readonly tag: string;
  readonly from: string;
  readonly path: string;
}

export interface Machine {
  readonly kernel: SecondKernel;
  readonly initramfs: string;
  readonly shares: readonly Share[];
  /** The one folder that the machine can write to. */
  readonly results: string;
  readonly memoryMiB: number;
}

export interface Ended {
  readonly console: string;
  /** Null where it ended by itself. */
  readonly because: string | null;
}

export const repository = realpathSync(new URL('../..', import.meta.url).pathname);

/** What programs need, at the paths of the host. node_modules and Node itself may be links that lead out of the repository. */
export function sharesOf({ modules, release }: SecondKernel): readonly Share[] {
  const wanted = ['/usr', '/etc', repository, realpathSync(join(repository, 'node_modules')), dirname(realpathSync(process.execPath))];
  const covered = (path: string): boolean => wanted.some((other) => path.startsWith(`${other}/`));
  const paths = [...new Set(wanted)].filter((path) => !covered(path));
  const folder = join('lib/modules', release);
  return [
    ...paths.map((path, i) => ({ tag: `share${i}`, from: path, path })),
    { tag: 'modules', from: join(modules, folder), path: `/${folder}` },
  ];
}

/** Boots it and waits for its end; it dies with this process, and at the deadline in any case. */
export function boot(machine: Machine, timeoutSeconds: number): Promise<Ended> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...qemuArguments(machine)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutSeconds * 1000,
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    const end = (because: string | null): void => resolve({ console: Buffer.concat(chunks).toString('utf8'), because });
    child.on('error', (error) => end(error.message));
    child.on('close', (status, signal) =>
      end(signal === null ? (status === 0 ? null : `qemu's exit status ${status}`) : `ended after ${timeoutSeconds} s`),
    );
  });
}

/**
 * A kernel that panics reboots at once, and a reboot ends qemu: no end of the machine is waited for in vain. `pc` and not `microvm`, which boots a
 * second faster: that has no clock but the PIT, and on a busy host its kernel sometimes cannot calibrate by that and stops for ever.
 */
function qemuArguments({ kernel, initramfs, shares, results, memoryMiB }: Machine): readonly string[] {
  const share = (tag: string, path: string, options: string): readonly string[] => [
    ...['-fsdev', `local,id=${tag},path=${path},security_model=none,multidevs=remap${options}`],
    ...['-device', `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`],
  ];
  return [
    ...['-machine', 'pc', '-cpu', 'max', '-accel', 'tcg,thread=multi', '-smp', '2', '-m', `${memoryMiB}`],
    ...['-no-user-config', '-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio', '-nic', 'none'],
    ...['-kernel', kernel.image, '-initrd', initramfs],
    ...['-append', 'console=ttyS0 quiet panic=-1 reboot=t mitigations=off'],
    ...share('results', results, ''),
    ...shares.flatMap(({ tag, from }) => share(tag, from, ',readonly=on')),
  ];
}
