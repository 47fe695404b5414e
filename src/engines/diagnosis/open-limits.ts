import type { OpenQuestion } from '#facts/diagnosis.ts';
import type { LimitId } from '#facts/limit.ts';
import { refusedThread } from './detectors/refused-thread.ts';
import type { Observations } from './observations.ts';
import { taskLimit } from './task-limit.ts';

const always: ReadonlySet<LimitId> = new Set(['cgroup-pids', 'kernel.pid_max', 'kernel.threads-max']);
const whereThreadsFail: ReadonlySet<LimitId> = new Set(['rlimit-nproc', 'vm.max_map_count']);

/**
 * Questions about limits whose answer could change the diagnosis: those on tasks; those that make a thread fail with the same EAGAIN, where
 * threads failed and no limit explains it; the neighbour table, where the kernel complained.
 */
export function openLimits(seen: Observations): readonly OpenQuestion[] {
  const unexplained = taskLimit(seen) === null && seen.events.some(refusedThread);
  const overflow = seen.events.some(({ signature }) => signature === 'neighbour-table-overflow');
  const matters = (limit: LimitId): boolean =>
    always.has(limit) || (unexplained && whereThreadsFail.has(limit)) || (overflow && limit === 'neighbour-gc_thresh3');
  return seen.limits.undecided.filter(({ limit }) => matters(limit)).map(({ question, missing }) => ({ question, missing }));
}
