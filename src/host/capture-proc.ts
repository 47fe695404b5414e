import { readdirSync } from 'node:fs';
import type { Capture } from './capture-context.ts';
import { readWhole, reasonOf } from './read-file.ts';

const single = ['loadavg', 'stat', 'uptime', 'meminfo'];
const ofProcess = ['status', 'limits', 'cgroup'];
const maxProcesses = 10_000;

/** Host-wide files of /proc, and status, limits and cgroup of every process. Threads are counted by the kernel, not listed. */
export function captureProc(capture: Capture): void {
  for (const name of single) copy(capture, `proc/${name}`, 'required');
  let names: readonly string[];
  try {
    names = readdirSync(`${capture.root}/proc`).filter((name) => /^\d+$/.test(name));
  } catch (error) {
    return capture.record.lacks('proc', reasonOf(error));
  }
  for (const name of names.slice(0, maxProcesses)) for (const file of ofProcess) copy(capture, `proc/${name}/${file}`, 'may-vanish');
  if (names.length > maxProcesses)
    capture.record.lacks('proc/...', `${names.length} processes: those after the first ${maxProcesses} were left out`);
}

/** `optional`: a kernel may not have it. `may-vanish`: a process may end meanwhile. */
export function copy(capture: Capture, path: string, need: 'required' | 'optional' | 'may-vanish'): void {
  const found = readWhole(`${capture.root}/${path}`, 16 * 1024 * 1024);
  if (found.ok) capture.record.write(path, found.content, `/${path}`);
  else if (need === 'required' || !/^(ENOENT|ESRCH)/.test(found.because)) capture.record.lacks(path, found.because);
}
