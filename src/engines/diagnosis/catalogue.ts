import type { Severity } from '#facts/diagnosis.ts';

export type FailureModeId =
  | 'thread-storm'
  | 'pids-limit-reached'
  | 'component-restarts'
  | 'backend-misdetected'
  | 'backend-locked-in'
  | 'stale-rules'
  | 'unknown-interface-drop'
  | 'pod-traffic-dropped';

/** One way in which a node fails, as the documents, the findings and the alerts name it. */
export interface FailureMode {
  readonly id: FailureModeId;
  readonly title: string;
  readonly severity: Severity;
  readonly what: string;
  /** What evidence shows the thing itself. */
  readonly provenBy: string;
  readonly leadsTo: readonly FailureModeId[];
  /** What makes this one follow, where the one before it is there already. */
  readonly followsWhen: string;
  readonly remedy: string;
}

/** In the order of cause. */
export const catalogue: readonly FailureMode[] = [
  {
    id: 'thread-storm',
    title: 'thread storm',
    severity: 'error',
    what: 'Pods of one or a few workloads start so many threads that they take most of a task limit which they share with others.',
    provenBy: 'pids.current or pids.peak of the pods, against the limit that refused forks',
    leadsTo: ['pids-limit-reached'],
    followsWhen: 'workloads with many threads start together',
    remedy: 'Give the workload a limit of its own (podPidsLimit), start fewer threads, and release batch updates under a thread budget.',
  },
  {
    id: 'pids-limit-reached',
    title: 'pids limit reached',
    severity: 'critical',
    what: 'A limit on tasks is used up: every fork and every new thread under it fails with EAGAIN.',
    provenBy: 'use against limit of every cgroup and sysctl, refusals counted by the kernel, its log line of the first refusal',
    leadsTo: ['component-restarts', 'backend-misdetected'],
    followsWhen: 'the tasks of the node reach the limit',
    remedy: 'Raise the limit that binds, not its neighbours. kubelet computes the limit of kubepods once, at its start.',
  },
  {
    id: 'component-restarts',
    title: 'component restarts',
    severity: 'error',
    what: 'calico-node, kubelet or kube-proxy crash because they cannot start a thread or a program.',
    provenBy: 'the crash line in the log of the component together with its restart',
    leadsTo: ['backend-misdetected'],
    followsWhen: 'a component of the node needs a new thread or program while forks are refused',
    remedy: 'Make room for threads; the components recover by themselves.',
  },
  {
    id: 'backend-misdetected',
    title: 'backend misdetected',
    severity: 'error',
    what: 'Felix guessed the iptables backend at its start, and guessed another one than the node uses. A probe that fails counts as zero rules.',
    provenBy:
      'restore look-ups in the log of two starts, or the kubelet and kube-proxy rules, and a replay of the detection that reproduces the choice',
    leadsTo: ['backend-locked-in', 'stale-rules'],
    followsWhen: 'Felix starts with its backend left to detection while its probes fail',
    remedy: 'Pin iptablesBackend. Detection is a guess at every start.',
  },
  {
    id: 'backend-locked-in',
    title: 'backend locked in',
    severity: 'error',
    what: 'The rules that a mistaken Felix wrote make its next start choose the same wrong backend, with every probe working.',
    provenBy: 'a replay of the detection with the rules that are in the kernel now, once with and once without the rules of others',
    leadsTo: ['stale-rules'],
    followsWhen: 'the mistaken Felix has written its rules',
    remedy: 'Pin the backend first; only then clear the rules in the wrong one.',
  },
  {
    id: 'stale-rules',
    title: 'stale rules',
    severity: 'warning',
    what: 'Calico rules stand in a backend that Felix no longer programs. The kernel still asks them about every packet.',
    provenBy: 'Calico rules in one backend, and a log of Felix that shows it programs the other',
    leadsTo: ['unknown-interface-drop'],
    followsWhen: 'Felix programs another backend than before, without a reboot in between',
    remedy: 'Remove the Calico rules of the backend without an owner, nothing else. No flush.',
  },
  {
    id: 'unknown-interface-drop',
    title: 'unknown interface dropped',
    severity: 'error',
    what: 'Stale dispatch chains end in DROP for every workload interface that they do not know, so each new pod is cut off.',
    provenBy: 'a live workload interface, absent in a dispatch chain whose last rule drops; the counter of that rule',
    leadsTo: ['pod-traffic-dropped'],
    followsWhen: 'the next pod with a new interface starts on this node',
    remedy: 'Let one owner program the rules, and remove those that nobody maintains.',
  },
  {
    id: 'pod-traffic-dropped',
    title: 'pod traffic dropped',
    severity: 'critical',
    what: 'Packets from or to pods of this node are dropped, or the replies to them.',
    provenBy: 'a walk of the packet and its reply through the rules of both backends, which ends at the rule that drops it',
    leadsTo: [],
    followsWhen: 'a pod that the stale rules do not know sends or answers a packet',
    remedy: 'Remove the cause that the chain names; the walk tells beforehand whether that delivers the packet.',
  },
];

export function failureMode(id: FailureModeId): FailureMode {
  const found = catalogue.find((mode) => mode.id === id);
  if (found === undefined) throw new Error(`no failure mode ${id}`);
  return found;
}
