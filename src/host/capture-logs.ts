import { closeSync, constants, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import type { Capture } from './capture-context.ts';
import { readWhole, reasonOf } from './read-file.ts';
import { runCommand } from './run-command.ts';

const maxLogBytes = 64 * 1024 * 1024;
const namespaces = new Set(['kube-system', 'calico-system']);
const hostLogs = ['kubelet', 'kube-proxy', 'containerd', 'docker'];

/** Logs of the node's own components; those of workloads stay where they are. */
export function captureLogs(capture: Capture): void {
  capturePodLogs(capture);
  for (const name of hostLogs) captureHostLog(capture, name);
  captureKernelLog(capture);
}

/** `/var/log/pods/NAMESPACE_POD_UID/CONTAINER/N.log`, as the kubelet lays them out for CRI and Docker. */
function capturePodLogs(capture: Capture): void {
  const pods = `${capture.root}/var/log/pods`;
  const counts = new Map<string, number>();
  for (const pod of folder(pods)) {
    if (!namespaces.has(pod.split('_')[0] ?? '')) continue;
    for (const container of folder(`${pods}/${pod}`)) {
      for (const name of folder(`${pods}/${pod}/${container}`).toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))) {
        const count = counts.get(container) ?? 0;
        if (copyLog(capture, `/var/log/pods/${pod}/${container}/${name}`, `logs/${container}${count === 0 ? '' : `.${count}`}.log`))
          counts.set(container, count + 1);
      }
    }
  }
  if (counts.size === 0)
    capture.record.lacks(
      'logs/calico-node.log',
      existsSync(pods) ? 'no log of kube-system or calico-system in /var/log/pods' : '/var/log/pods is not there',
    );
}

function folder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function copyLog(capture: Capture, from: string, to: string): boolean {
  const path = `${capture.root}${from}`;
  if (!existsSync(path) || (capture.since !== null && statSync(path).mtimeMs < capture.since)) return false;
  const found = readWhole(path, maxLogBytes);
  if (!found.ok) {
    capture.record.lacks(to, `${from}: ${found.because}`);
    return false;
  }
  capture.record.write(to, found.content, from, found.cut ? `only the last ${maxLogBytes / 1024 / 1024} MiB` : undefined);
  return true;
}

function captureHostLog(capture: Capture, name: string): void {
  if (copyLog(capture, `/var/log/${name}.log`, `logs/${name}.log`)) return;
  if (!existsSync(`${capture.root}/run/systemd/system`)) return;
  if (!capture.exec) return capture.record.lacks(`logs/${name}.log`, 'the journal needs journalctl, and commands are not run (--no-exec)');
  const since = capture.since === null ? [] : ['--since', `@${Math.floor(capture.since / 1000)}`];
  const args = ['-u', name, '-o', 'short-iso-precise', '--no-pager', '-n', '200000', ...since];
  const output = runCommand('journalctl', args, { timeout: 20_000, maxBytes: maxLogBytes });
  if (!output.ok) return capture.record.lacks(`logs/${name}.log`, output.because);
  if (output.stdout.length > 0) capture.record.write(`logs/${name}.log`, output.stdout, `journalctl ${args.join(' ')}`);
}

/** /dev/kmsg gives one record a read and EAGAIN at its end (kernel/printk/printk.c, devkmsg_read). */
function captureKernelLog(capture: Capture): void {
  const records: Buffer[] = [];
  try {
    const fd = openSync(`${capture.root}/dev/kmsg`, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      for (let record = nextRecord(fd); record !== null; record = nextRecord(fd)) if (isWanted(capture, record)) records.push(record);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return capture.record.lacks('logs/kernel.log', `/dev/kmsg: ${reasonOf(error)}`);
  }
  capture.record.write('logs/kernel.log', Buffer.concat(records), '/dev/kmsg');
}

function nextRecord(fd: number): Buffer | null {
  const record = Buffer.alloc(8192);
  for (;;) {
    try {
      const length = readSync(fd, record, 0, record.length, null);
      return length === 0 ? null : record.subarray(0, length);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return null;
      // EPIPE: records were overwritten before they were read; the next read goes on behind the hole.
      if (code !== 'EPIPE') throw error;
    }
  }
}

/** A record starts with `PRIORITY,SEQUENCE,MICROSECONDS,...;`: the time counts from boot. */
function isWanted(capture: Capture, record: Buffer): boolean {
  if (capture.since === null) return true;
  const microseconds = Number(record.toString('latin1').split(',', 3)[2]);
  const uptime = readWhole(`${capture.root}/proc/uptime`, 4096);
  if (!uptime.ok || !Number.isFinite(microseconds)) return true;
  const booted = Date.now() - Number(Buffer.from(uptime.content).toString('latin1').split(' ')[0]) * 1000;
  return booted + microseconds / 1000 >= capture.since;
}
