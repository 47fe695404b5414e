import type { PidsHierarchy } from '#facts/cgroup.ts';
import type { LogEvent } from '#facts/log.ts';
import type { Observations } from './observations.ts';

/**
 * Forks that the kernel's log says it refused in this node's cgroups. The log is the whole machine's and gives paths from the machine's
 * root (kernel/cgroup/pids.c), so a node in a container also reads of its neighbours. Where the cgroups could not be read, all count.
 */
export function ownRefusals({ snapshot, events }: Pick<Observations, 'snapshot' | 'events'>): readonly LogEvent[] {
  const refusals = events.filter(({ signature }) => signature === 'cgroup-fork-rejected');
  const { pids } = snapshot;
  if (pids.kind === 'missing') return refusals;
  return refusals.filter(({ fields }) => fields['cgroup'] === undefined || isHere(fields['cgroup'], pids.value.groups));
}

/**
 * A path from this snapshot's root, even if the cgroup is gone; or, seen from a cgroup namespace, one whose end is a pod's cgroup that
 * is there. Ends without a pod, such as /system.slice/kubelet.service, are the same on every node.
 */
function isHere(path: string, groups: PidsHierarchy['groups']): boolean {
  const names = path.split('/').slice(1);
  if (groups.has(`/${names[0]}`)) return true;
  const ends = names.map((_, index) => `/${names.slice(index).join('/')}`);
  return ends.some((end) => /[/-]pod[0-9a-f]/.test(end) && groups.has(end));
}
