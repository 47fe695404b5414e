import type { PodTasks } from '#engines/limits/index.ts';
import type { Figures } from '#facts/diagnosis.ts';
import type { LimitUse } from '#facts/limit.ts';
import { type Detected, found, nothing, open } from '../fact.ts';
import type { Observations } from '../observations.ts';
import { taskLimit } from '../task-limit.ts';
import { number, plural } from '../words.ts';

/** A workload that holds this part of the limit took it; below that the limit filled by many small causes. */
const mostOf = 0.5;

/** What filled the limit: the limit itself, or, where it has been raised since it refused, the most that ever was under it. */
function full({ state, limit, use, peak }: LimitUse): number {
  return state === 'binds' ? (limit ?? use) : Math.min(limit ?? use, Math.max(use, peak ?? 0));
}

interface Workload {
  readonly name: string;
  readonly pods: readonly PodTasks[];
  readonly tasks: number;
}

/** Pods whose tasks took most of the task limit that bound, joined to the workload that owns them. */
export function threadStorm(seen: Observations): Detected {
  const limit = taskLimit(seen);
  if (limit === null || limit.limit === null) return nothing;
  if (seen.podTasks.kind === 'missing') return open('which workload took the tasks?', `${seen.podTasks.source}: ${seen.podTasks.because}`);
  const [largest] = workloads(seen.podTasks.value);
  if (largest === undefined || largest.tasks < full(limit) * mostOf) return nothing;
  return found({
    id: 'thread-storm',
    subject: largest.name,
    detail: detailOf(largest, limit),
    figures: figuresOf(largest, limit),
    at: null,
    confidence: limit.state === 'binds' && countedNow(largest) >= full(limit) * mostOf ? 'proven' : 'supported',
    evidence: largest.pods.slice(0, 5).flatMap(({ evidence }) => evidence.slice(0, 2)),
    causedBy: [],
  });
}

function workloads(pods: readonly PodTasks[]): readonly Workload[] {
  const groups = new Map<string, PodTasks[]>();
  for (const pod of pods) {
    const name = workloadOf(pod);
    groups.set(name, [...(groups.get(name) ?? []), pod]);
  }
  return [...groups].map(([name, members]) => ({ name, pods: members, tasks: sum(members, most) })).sort((a, b) => b.tasks - a.tasks);
}

/** A pod's Deployment, where its owner is a ReplicaSet named after the pod-template-hash; else its owner, or the pod itself. */
function workloadOf({ pod, cgroup }: PodTasks): string {
  if (pod === null) return cgroup;
  const owner = pod.owner?.replace(/^[^/]*\//, '') ?? pod.name;
  const hash = pod.labels['pod-template-hash'];
  return `${pod.namespace}/${hash !== undefined && owner.endsWith(`-${hash}`) ? owner.slice(0, -hash.length - 1) : owner}`;
}

const most = ({ current, peak }: PodTasks): number => Math.max(current, peak ?? 0);
const countedNow = ({ pods }: Workload): number => sum(pods, ({ current }) => current);
const sum = (pods: readonly PodTasks[], of: (pod: PodTasks) => number): number => pods.reduce((total, pod) => total + of(pod), 0);

function figuresOf({ name, pods, tasks }: Workload, limit: LimitUse): Figures {
  const each = pods.map(most);
  const whole = { whole: full(limit), under: limit.subject, state: limit.state };
  return { workload: name, pods: pods.length, least: Math.min(...each), greatest: Math.max(...each), tasks, ...whole };
}

function detailOf(workload: Workload, limit: LimitUse): string {
  const each = workload.pods.map(most);
  const [least, greatest] = [Math.min(...each), Math.max(...each)];
  const range = least === greatest ? number(least) : `${number(least)} to ${number(greatest)}`;
  const count = plural(workload.pods.length, 'pod');
  const whole =
    limit.state === 'binds'
      ? `the ${number(full(limit))} that ${limit.subject} allows`
      : `the ${number(full(limit))} tasks of ${limit.subject}`;
  return `${count} of ${workload.name}, ${range} threads each, ${number(workload.tasks)} of ${whole}`;
}
