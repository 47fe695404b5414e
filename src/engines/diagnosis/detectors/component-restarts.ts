import type { Figures } from '#facts/diagnosis.ts';
import { cite, type Evidence } from '#facts/evidence.ts';
import type { Pod } from '#facts/kubernetes.ts';
import type { LogEvent } from '#facts/log.ts';
import { citeEvent, type Detected, found, nothing } from '../fact.ts';
import type { Observations } from '../observations.ts';
import { plural } from '../words.ts';
import { refusedThread } from './refused-thread.ts';

const components: readonly string[] = ['calico-node', 'kubelet', 'kube-proxy'];

/** Crashes of the node's components whose log says that they could not start a thread or a program. */
export function componentRestarts(seen: Observations): Detected {
  const crashes = seen.events.filter((event) => components.includes(event.component) && crashed(event));
  const [first] = crashes;
  if (first === undefined) return nothing;
  const names = [...new Set(crashes.map(({ component }) => component))];
  const pods = names.flatMap((name) => podsOf(seen, name));
  const restarted = pods.filter(({ restarts }) => restarts > 0);
  const startedAgain = seen.starts.some(({ start }) => crashes.some((crash) => isAfter(start, crash)));
  return found({
    id: 'component-restarts',
    subject: names.join(', '),
    detail: `${names.map((name) => `${name} ${timesOf(name, crashes, podsOf(seen, name))}`).join(', ')}: ${reason(first)}`,
    figures: {
      signature: first.signature,
      reason: reason(first),
      ...Object.assign({}, ...names.map((name) => figuresOf(seen, name, crashes))),
    },
    at: first.time,
    confidence: restarted.length > 0 || startedAgain ? 'proven' : 'supported',
    evidence: [...names.flatMap((name) => crashLines(crashes, name)), ...restarted.map(citeRestarts)],
    causedBy: ['pids-limit-reached'],
  });
}

function isAfter(start: LogEvent, crash: LogEvent): boolean {
  if (start.time !== null && crash.time !== null) return start.time >= crash.time;
  return start.at.source === crash.at.source && start.at.line > crash.at.line;
}

function crashed(event: LogEvent): boolean {
  return refusedThread(event) || event.signature === 'felix-save-gave-up' || event.signature === 'felix-program-gave-up';
}

function podsOf({ snapshot }: Observations, component: string): readonly Pod[] {
  if (snapshot.pods.kind === 'missing') return [];
  return snapshot.pods.value.filter(({ name, node }) => name.startsWith(`${component}-`) && (node === null || node === snapshot.node));
}

/** `calico-node.restarts`: by the count of Kubernetes; `kubelet.failures`: log lines, where nothing counts its restarts. */
function figuresOf(seen: Observations, name: string, crashes: readonly LogEvent[]): Figures {
  const restarts = restartsOf(podsOf(seen, name));
  return restarts > 0 ? { [`${name}.restarts`]: restarts } : { [`${name}.failures`]: failuresOf(name, crashes) };
}

const restartsOf = (pods: readonly Pod[]): number => pods.reduce((total, pod) => total + pod.restarts, 0);
const failuresOf = (name: string, crashes: readonly LogEvent[]): number => crashes.filter(({ component }) => component === name).length;

function timesOf(name: string, crashes: readonly LogEvent[], pods: readonly Pod[]): string {
  const restarts = restartsOf(pods);
  if (restarts > 0) return `restarted ${restarts}x`;
  return `failed in ${plural(failuresOf(name, crashes), 'log line')}`;
}

function crashLines(crashes: readonly LogEvent[], name: string): readonly Evidence[] {
  return crashes
    .filter(({ component }) => component === name)
    .slice(0, 2)
    .map((event) => citeEvent(event));
}

function citeRestarts(pod: Pod): Evidence {
  return cite(pod, `${pod.name} restarted ${plural(pod.restarts, 'time')}`);
}

function reason(event: LogEvent): string {
  if (event.signature === 'go-thread-create-failed') return 'runtime/cgo: pthread_create failed';
  return event.meaning;
}
