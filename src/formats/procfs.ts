import type { Located } from '#facts/evidence.ts';
import type { Process } from '#facts/process.ts';

/** The first line from which `read` gets a value; NaN and null are none. Lines without their end, the file's last empty one left out. */
export function lineValue<T>(text: string, source: string, read: (line: string) => T | null): Located<T> | null {
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
  for (const [index, line] of lines.entries()) {
    const value = read(line);
    if (value !== null && !Number.isNaN(value)) return { value, at: { source, line: index + 1 }, text: line };
  }
  return null;
}

/** /proc/PID/{status,limits,cgroup} of one process in `folder` of the snapshot (`proc/12`); null where status has no Pid. */
export function readProcess(
  files: { readonly status: string; readonly limits: string | null; readonly cgroup: string | null },
  folder: string,
): Process | null {
  const field = (name: string): Located<string> | null =>
    lineValue(files.status, `${folder}/status`, (line) => (line.startsWith(`${name}:`) ? line.slice(name.length + 1).trim() : null));
  const pid = Number(field('Pid')?.value ?? Number.NaN);
  if (Number.isNaN(pid)) return null;
  const threads = field('Threads');
  const capabilities = field('CapEff')?.value.trim();
  return {
    pid,
    name: field('Name')?.value ?? '',
    uid: Number(field('Uid')?.value.split(/\s+/)[0] ?? 0),
    threads: threads === null ? null : { ...threads, value: Number(threads.value) },
    cgroup: pidsCgroup(files.cgroup),
    command: null,
    ...(capabilities !== undefined && /^[0-9a-f]{1,16}$/i.test(capabilities) ? { capabilities } : {}),
    maxProcesses: limitOf(files.limits, folder, 'Max processes'),
    maxOpenFiles: limitOf(files.limits, folder, 'Max open files'),
    maxAddressSpace: limitOf(files.limits, folder, 'Max address space'),
  };
}

/** The soft limit stands behind the name, which is padded to 25 columns (fs/proc/base.c, proc_pid_limits). */
function limitOf(limits: string | null, folder: string, name: string): Located<number | 'unlimited'> | null {
  if (limits === null) return null;
  return lineValue(limits, `${folder}/limits`, (line) => {
    if (!line.startsWith(name)) return null;
    const soft = line.slice(name.length).trim().split(/\s+/)[0];
    return soft === 'unlimited' ? 'unlimited' : Number(soft ?? Number.NaN);
  });
}

/** `8:pids:/kubepods/...` on v1, else the unified `0::/...`. */
function pidsCgroup(cgroup: string | null): string | null {
  const lines = (cgroup ?? '').split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const path = lines.find((parts) => parts?.[1]?.split(',').includes('pids'))?.[2] ?? lines.find((parts) => parts?.[1] === '')?.[2];
  return path ?? null;
}
