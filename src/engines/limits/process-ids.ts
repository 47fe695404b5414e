import { cite, type Evidence } from '#facts/evidence.ts';
import type { LimitQuestion } from '#facts/limit.ts';
import type { Process } from '#facts/process.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { isLimited } from './cgroup-ancestry.ts';
import { kernelAtLeast } from './kernel-version.ts';
import { figure, type LimitAnswer, limitRow, numberOf, question } from './limit-row.ts';

/** After the ids have wrapped, alloc_pid hands out none below RESERVED_PIDS again (kernel/pid.c). */
const reservedIds = 300;
const asks = 'are there process ids left (kernel.pid_max)?';

/** `kernel.pid_max`, against the tasks of the PID namespace that it rules. */
export function processIds(snapshot: Snapshot): LimitAnswer {
  const max = numberOf(snapshot.sysctls.get('kernel.pid_max'));
  if (max === null) return question('kernel.pid_max', asks, 'sysctl/kernel/pid_max');
  const tasks = tasksOfNamespace(snapshot);
  if ('missing' in tasks) return question('kernel.pid_max', asks, tasks.missing);
  const usable = usableIds(snapshot, max.value);
  const unsure = tasks.use >= usable.least && tasks.use < usable.most;
  const row = limitRow({
    id: 'kernel.pid_max',
    subject: tasks.subject,
    use: tasks.use,
    limit: usable.most,
    unit: 'tasks',
    ...(unsure ? { state: 'close' as const } : {}),
    owner: 'node set-up: sysctl kernel.pid_max',
    evidence: [
      cite(max, `ids 1 to ${figure(max.value - 1)}; of the first ${reservedIds} only those in use still count`),
      ...tasks.evidence,
      ...beforeKubepods(snapshot, max.value),
    ],
  });
  return { limits: [row], undecided: unsure ? [narrowGap(usable.most - usable.least)] : [] };
}

interface TaskCount {
  readonly use: number;
  readonly subject: string;
  readonly evidence: readonly Evidence[];
}

/**
 * From 6.14 on each PID namespace has a pid_max of its own (7863dcc72d0f), while /proc/loadavg counts the whole host even
 * inside one. Only the host's own namespace has kthreadd as process 2.
 */
function tasksOfNamespace(snapshot: Snapshot): TaskCount | { readonly missing: string } {
  const perNamespace = kernelAtLeast(snapshot.kernel, 6, 14);
  if (perNamespace === null) return { missing: 'the kernel version: newer ones have a pid_max in each PID namespace' };
  if (perNamespace && snapshot.processes.kind === 'missing') {
    return { missing: `whether this is the host's PID namespace, which has a pid_max of its own: ${snapshot.processes.because}` };
  }
  if (perNamespace && snapshot.processes.kind === 'read' && !hasKthreadd(snapshot.processes.value)) {
    return namespaceTasks(snapshot.processes.value);
  }
  if (snapshot.tasks.kind === 'missing') return { missing: `${snapshot.tasks.source}: ${snapshot.tasks.because}` };
  const { value } = snapshot.tasks;
  return { use: value.value, subject: 'host', evidence: [cite(value, `${figure(value.value)} tasks on the whole host`)] };
}

function hasKthreadd(processes: readonly Process[]): boolean {
  return processes.some((process) => process.pid === 2 && process.name === 'kthreadd');
}

function namespaceTasks(processes: readonly Process[]): TaskCount | { readonly missing: string } {
  const counted = processes.flatMap((process) => (process.threads === null ? [] : [{ process, threads: process.threads }]));
  if (counted.length === 0) return { missing: 'the tasks of this PID namespace: no process could be read' };
  const use = counted.reduce((sum, { threads }) => sum + threads.value, 0);
  const largest = counted.toSorted((a, b) => b.threads.value - a.threads.value).slice(0, 3);
  return {
    use,
    subject: 'this PID namespace',
    evidence: largest.map(({ process, threads }) =>
      cite(threads, `${process.name}: ${figure(threads.value)} of ${figure(use)} tasks in ${counted.length} processes`),
    ),
  };
}

/** How many tasks can exist at once: all ids from 300 on, and those below that are still in use. */
function usableIds(snapshot: Snapshot, max: number): { readonly least: number; readonly most: number } {
  const base = Math.max(0, max - reservedIds);
  if (snapshot.processes.kind === 'missing') return { least: base, most: max - 1 };
  const low = snapshot.processes.value.filter((process) => process.pid < reservedIds);
  const threads = low.reduce((sum, process) => sum + Math.max(1, process.threads?.value ?? 1), 0);
  return { least: Math.min(max - 1, base + low.length), most: Math.min(max - 1, base + Math.min(reservedIds - 1, threads)) };
}

function narrowGap(width: number): LimitQuestion {
  return {
    limit: 'kernel.pid_max',
    question: 'is the last process id taken (kernel.pid_max)?',
    missing: `which of the ids below ${reservedIds} are in use: ${figure(width)} of them may or may not be free`,
  };
}

/** kubelet's own limit for pods often is pid_max itself; then the host, which also runs everything else, is full first. */
function beforeKubepods(snapshot: Snapshot, max: number): readonly Evidence[] {
  if (snapshot.pids.kind === 'missing') return [];
  const kubepods = [...snapshot.pids.value.groups.values()].filter((group) => /^\/kubepods(\.slice)?$/.test(group.path));
  return kubepods.flatMap((group) =>
    isLimited(group) && group.max.value >= max - reservedIds
      ? [
          cite(
            group.max as typeof group.max & { text: string; at: never },
            'kubepods may take all ids: the host runs out before kubepods does',
          ),
        ]
      : [],
  );
}
