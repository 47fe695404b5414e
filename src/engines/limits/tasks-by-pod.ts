import type { PidsCgroup, PidsHierarchy } from '#facts/cgroup.ts';
import { cite, type Evidence } from '#facts/evidence.ts';
import type { Pod } from '#facts/kubernetes.ts';
import { type Reading, read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { isWithin, type LimitedCgroup, tightestLimit } from './cgroup-ancestry.ts';
import { figure } from './limit-row.ts';

/** The tasks of one pod, from its cgroup. */
export interface PodTasks {
  readonly uid: string;
  /** Null where the snapshot has no pod with this uid: pods not read, or a static pod, whose cgroup carries its config hash. */
  readonly pod: Pod | null;
  readonly cgroup: string;
  readonly current: number;
  /** Highest number of tasks so far; includes one refused attempt. Null before kernel 6.1. */
  readonly peak: number | null;
  /** Forks refused within the pod, whosever limit it was; null where the counters could not be read or count elsewhere. */
  readonly refused: number | null;
  /** The cgroup with the least room among the pod's own and those above it; null where none has a limit. */
  readonly tightest: LimitedCgroup | null;
  readonly evidence: readonly Evidence[];
}

/** Tasks per pod, the largest first. Knows the cgroupfs and the systemd spelling of pod cgroups. */
export function tasksByPod(snapshot: Snapshot): Reading<readonly PodTasks[]> {
  if (snapshot.pids.kind === 'missing') return snapshot.pids;
  const hierarchy = snapshot.pids.value;
  const pods = new Map(snapshot.pods.kind === 'read' ? snapshot.pods.value.map((pod) => [pod.uid, pod]) : []);
  const found = [...hierarchy.groups.values()].flatMap((group) => {
    const uid = podUid(group.path);
    return uid === null || group.current === null ? [] : [tasksOf({ hierarchy, group, uid, pod: pods.get(uid) ?? null })];
  });
  return read(
    found.sort((a, b) => b.current - a.current || a.cgroup.localeCompare(b.cgroup)),
    snapshot.pids.source,
  );
}

/** `/kubepods/burstable/pod<uid>` or `/kubepods.slice/.../kubepods-burstable-pod<uid with _>.slice`; null for other cgroups. */
export function podUid(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const inSlice = /^kubepods(?:-burstable|-besteffort)?-pod([0-9a-fA-F_]{32,36})\.slice$/.exec(name)?.[1];
  if (inSlice !== undefined) return inSlice.replaceAll('_', '-');
  return /(?:^|\/)kubepods\/(?:(?:burstable|besteffort)\/)?pod([0-9a-zA-Z-]+)$/.exec(path)?.[1] ?? null;
}

function tasksOf(of: { hierarchy: PidsHierarchy; group: PidsCgroup; uid: string; pod: Pod | null }): PodTasks {
  const { hierarchy, group, uid, pod } = of;
  const inside = [...hierarchy.groups.values()].filter((other) => isWithin(other.path, group.path));
  const counters = hierarchy.eventsCount === 'forking-cgroup' ? inside.filter((other) => other.refused !== null) : [];
  const refused = counters.length === 0 ? null : counters.reduce((sum, other) => sum + (other.refused?.value ?? 0), 0);
  const worst = counters
    .filter((other) => (other.refused?.value ?? 0) > 0)
    .sort((a, b) => (b.refused?.value ?? 0) - (a.refused?.value ?? 0))[0];
  return {
    uid,
    pod,
    cgroup: group.path,
    current: group.current?.value ?? 0,
    peak: group.peak?.value ?? null,
    refused,
    tightest: tightestLimit(hierarchy, group.path),
    evidence: [
      ...(group.current === null ? [] : [cite(group.current, `${figure(group.current.value)} tasks`)]),
      ...(group.peak === null ? [] : [cite(group.peak, `${figure(group.peak.value)} at most so far`)]),
      ...(worst?.refused ? [cite(worst.refused, `${figure(refused ?? 0)} forks refused in this pod`)] : []),
    ],
  };
}
