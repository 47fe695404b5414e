import type { LimitUse } from '#facts/limit.ts';
import type { Observations } from './observations.ts';

const taskLimits: ReadonlySet<LimitUse['id']> = new Set(['cgroup-pids', 'kernel.pid_max', 'kernel.threads-max', 'rlimit-nproc']);

/** The limit on tasks that binds, or else the one that refused forks earlier; null where none did. */
export function taskLimit({ limits }: Observations): LimitUse | null {
  const candidates = limits.limits.filter(({ id, limit }) => limit !== null && taskLimits.has(id));
  return candidates.find(({ state }) => state === 'binds') ?? candidates.find(({ state }) => state === 'bound') ?? null;
}

/** All limits on tasks that bind or bound, the one of `taskLimit` first. */
export function boundLimits(seen: Observations): readonly LimitUse[] {
  const first = taskLimit(seen);
  if (first === null) return [];
  const others = seen.limits.limits.filter(
    (row) => row !== first && taskLimits.has(row.id) && (row.state === 'binds' || row.state === 'bound'),
  );
  return [first, ...others];
}
