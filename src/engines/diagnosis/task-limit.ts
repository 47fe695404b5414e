import type { LimitUse } from '#facts/limit.ts';
import type { Observations } from './observations.ts';

const taskLimits: ReadonlySet<LimitUse['id']> = new Set(['cgroup-pids', 'kernel.pid_max', 'kernel.threads-max', 'rlimit-nproc']);

/** The limit on tasks that binds, or else the one that refused forks earlier; null where none did. */
export function taskLimit({ limits }: Observations): LimitUse | null {
  const candidates = limits.limits.filter(({ id, limit }) => limit !== null && taskLimits.has(id));
  return candidates.find(({ state }) => state === 'binds') ?? candidates.find(({ state }) => state === 'bound') ?? null;
}

/** Whether everything on the node, or every pod, shares the limit: pid_max, threads-max, kubepods and the cgroups above it. */
export function isNodeWide({ snapshot }: Observations, { id, subject }: LimitUse): boolean {
  if (id === 'kernel.pid_max' || id === 'kernel.threads-max') return true;
  if (id !== 'cgroup-pids') return false;
  const path = subject.replace(/^\/+|\/+$/g, '');
  const groups = snapshot.pids.kind === 'read' ? [...snapshot.pids.value.groups.values()] : [];
  const roots = [subject, ...groups.map((group) => group.path)].map((each) => each.replace(/^\/+/, '')).filter(isPodsRoot);
  return path === '' || roots.some((root) => root === path || root.startsWith(`${path}/`));
}

const isPodsRoot = (path: string): boolean => /(^|\/)kubepods(\.slice)?$/.test(path);

/** All limits on tasks that bind or bound, the one of `taskLimit` first. */
export function boundLimits(seen: Observations): readonly LimitUse[] {
  const first = taskLimit(seen);
  if (first === null) return [];
  const others = seen.limits.limits.filter(
    (row) => row !== first && taskLimits.has(row.id) && (row.state === 'binds' || row.state === 'bound'),
  );
  return [first, ...others];
}
