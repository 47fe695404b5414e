import { setTimeout as sleep } from 'node:timers/promises';
import type { LabEvent, LabPlan } from '../events.ts';
import type { FelixStart } from '../node/init.ts';
import { type LabPod, newPods, oldPods, orderPods, servicesOf } from '../plan.ts';
import type { Mode } from '../stand-ins/detection.ts';
import { type ClusterState, writeObjects } from './kubernetes-objects.ts';
import { addPods } from './network.ts';
import type { LabNode } from './node-process.ts';
import { countRules, programServices, removeOwner } from './rules.ts';
import type { Truth } from './truth.ts';
import { type EndCapture, watchPing } from './veth-captures.ts';

export interface Stage {
  readonly plan: LabPlan;
  readonly node: LabNode;
  readonly tell: (event: LabEvent) => void;
  readonly truth: Truth;
  /** Kubernetes' Warning events so far. */
  readonly warnings: ClusterState['warnings'][number][];
}

/** Writes what the API server knows by now. Creation times are those of the first call that names a pod. */
const created = new Map<string, string>();
export function publish(pods: readonly LabPod[], state: Partial<Pick<ClusterState, 'calicoRestarts' | 'pin' | 'warnings'>> = {}): void {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  for (const name of ['calico-node', ...pods.map((pod) => pod.name)]) if (!created.has(name)) created.set(name, now);
  writeObjects({ calicoRestarts: 0, pin: null, warnings: [], ...state, pods, createdAt: created });
}

const step = (stage: Stage, text: string): void => stage.tell({ kind: 'step', text });
const number = (value: number): string => value.toLocaleString('en-US');

/** A node in order: Felix chose nft, one owner, every packet arrives. */
export async function healthy(stage: Stage): Promise<void> {
  const { node, tell } = stage;
  tell({ kind: 'phase', phase: 'healthy', title: 'a node in order', why: 'Felix and kube-proxy both program nft' });
  addPods(oldPods);
  publish(oldPods);
  await node.call('runPods', oldPods);
  programServices('nft', servicesOf(oldPods), true);
  await node.call('prepareFelix', 6);
  const start = await node.call<FelixStart>('startFelix', { pin: null, threads: true });
  expectMode(start, 'nft');
  await programPods(stage, oldPods, true);
  step(stage, `Felix counted ${describe(start)}, chose nft and wrote ${number(countRules('nft', /cali/))} rules`);
  await stage.truth({ phase: 'healthy', oldPods, newPods: [], dropped: 'nothing' });
}

/** The batch update fills kubepods (or the node's pid_max); Felix dies of it and decides again while nothing can fork. */
export async function storm(stage: Stage): Promise<void> {
  await fillNode(stage);
  await felixLosesItsMind(stage);
  await probeFails(stage);
  publish([...oldPods, ...orderPods], { calicoRestarts: 3, warnings: stage.warnings });
  await stage.truth({ phase: 'storm', oldPods, newPods: [], dropped: 'nothing' });
}

/** Starts the batch update's pods and lets them grow until the kernel refuses. */
export async function fillNode(stage: Stage): Promise<void> {
  const { node, tell, plan } = stage;
  const threads = Math.round(1741 / plan.scale);
  const why = `a batch update: ${orderPods.length} pods of shop/orders grow to ${threads} threads each`;
  tell({ kind: 'phase', phase: 'storm', title: 'thread storm', why });
  addPods(orderPods);
  publish([...oldPods, ...orderPods]);
  await node.call('startStorm', orderPods);
  await programPods(stage, [...oldPods, ...orderPods], false);
  await node.call('growStorm', threads);
  await untilRefused(stage, threads * orderPods.length);
}

async function untilRefused(stage: Stage, wanted: number): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const { threads, refused } = await stage.node.call<{ threads: number; refused: number }>('stormState');
    const { current, max } = await stage.node.call<{ current: number; max: string }>('count');
    const text = `kubepods ${number(current)} of ${number(Number(max))} tasks, ${number(threads)} of ${number(wanted)} threads wanted`;
    stage.tell({ kind: 'progress', text });
    if (refused > 0) return step(stage, `${text}: clone returned EAGAIN in ${refused} pods`);
    if (Date.now() > end) throw new Error(`the limit was not reached: ${text}`);
    await sleep(100);
  }
}

/** The kubelet's exec probe really tries to fork in calico-node's cgroup. */
async function probeFails({ node, warnings, ...stage }: Stage): Promise<void> {
  const message = await node.call<string | null>('probeFelix');
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  warnings.push({ reason: 'BackOff', message: 'Back-off restarting failed container', time, count: 3 });
  if (message === null) return;
  warnings.push({ reason: 'Unhealthy', message: `Readiness probe failed: ${message}`, time, count: 1 });
  stage.tell({ kind: 'step', text: `kubelet's exec probe of calico-node failed: ${message}` });
}

/** Workloads take what a crash freed; a container that starts after them finds no room. */
async function untilFullAgain({ node }: Stage): Promise<void> {
  for (let last = -1; ; ) {
    const { threads } = await node.call<{ threads: number }>('stormState');
    if (threads === last) return;
    last = threads;
    await sleep(250);
  }
}

async function felixLosesItsMind(stage: Stage): Promise<void> {
  const { node } = stage;
  await untilFullAgain(stage);
  const first = await node.call<FelixStart>('strainFelix');
  if (first.kind !== 'crashed') throw new Error('Felix got its thread although the limit is reached');
  let crashes = 1;
  for (; crashes < 3; crashes++) {
    await untilFullAgain(stage);
    const again = await node.call<FelixStart>('startFelix', { pin: null, threads: true });
    if (again.kind !== 'crashed') throw new Error('Felix started although the limit is reached');
  }
  step(stage, `calico-node crashed ${crashes} times: pthread_create returned EAGAIN (${first.how})`);
  await untilFullAgain(stage);
  const survivor = await node.call<FelixStart>('startFelix', { pin: null, threads: false });
  expectMode(survivor, 'legacy');
  step(stage, `the next start found a free slot; ${describe(survivor)}; 0 >= 0: it chose legacy`);
}

/** Limits are raised, everything starts again, and Felix programs the wrong backend beside its old rules. */
export async function broken(stage: Stage): Promise<void> {
  const { node, tell, plan } = stage;
  const why = 'Felix writes to legacy now; its old rules stay in nft, where nobody maintains them, and new pods are unknown to them';
  tell({ kind: 'phase', phase: 'broken', title: 'limits raised, network broken', why });
  await node.call('setLimit', Math.round(2_000_000 / plan.scale));
  if (plan.limit === 'pid-max') await node.call('setPidMax', Math.round(2_000_000 / plan.scale));
  addPods(newPods);
  publish([...oldPods, ...orderPods, ...newPods], { calicoRestarts: 3, warnings: stage.warnings });
  await node.call('runPods', newPods);
  programServices('nft', servicesOf([...oldPods, ...newPods]), false);
  await programPods(stage, [...oldPods, ...orderPods, ...newPods], true);
  step(stage, `Calico's rules: ${number(countRules('legacy', /cali/))} in legacy, ${number(countRules('nft', /cali/))} stale in nft`);
  await stage.truth({ phase: 'broken', oldPods, newPods, dropped: 'new pods', packets: await watch(stage) });
}

/** The report's own experiment: ping a new pod and look at both ends of its veth. */
async function watch(stage: Stage): Promise<readonly EndCapture[]> {
  const [pod] = newPods;
  if (pod === undefined) return [];
  const captures = await watchPing(pod);
  for (const { interface: name, end, packets } of captures) {
    step(stage, `captured at ${name} (${end}): ${packets.map(({ summary }) => summary).join(', ')}`);
  }
  const arrived = captures.some(({ end, packets }) => end === 'node' && packets.some(({ summary }) => summary === 'in: ICMP echo reply'));
  if (!arrived) throw new Error("the reply did not arrive at the node's end of the veth");
  step(stage, "the reply arrives at the node's end of the veth: it is lost behind it, in INPUT");
  return captures;
}

/** Only the stale rules go; one owner is left. No reboot. */
export async function repaired(stage: Stage): Promise<void> {
  stage.tell({ kind: 'phase', phase: 'repaired', title: 'stale rules removed', why: "only Calico's rules in nft go; no reboot, no flush" });
  removeOwner('nft', 'cali-');
  step(stage, `Calico's rules: ${number(countRules('legacy', /cali/))} in legacy, ${number(countRules('nft', /cali/))} in nft`);
  await stage.truth({ phase: 'repaired', oldPods, newPods, dropped: 'nothing' });
}

/**
 * The same with the backends' roles changed: kube-proxy and the stale rules in legacy, Felix pinned to nft. Without the pin Felix v3.18.1
 * never comes here: 10 legacy rules are enough for legacy, and failing probes end there too.
 */
export async function mirrored(stage: Stage): Promise<void> {
  const { node, tell } = stage;
  tell({
    kind: 'phase',
    phase: 'mirrored',
    title: 'the same, mirrored',
    why: 'Felix moves from legacy to nft; now the legacy rules are stale',
  });
  removeOwner('nft', 'KUBE-');
  programServices('legacy', servicesOf([...oldPods, ...newPods]), true);
  await programPods(stage, [...oldPods, ...orderPods], false);
  await node.call('stopFelix');
  publish([...oldPods, ...orderPods, ...newPods], { calicoRestarts: 4, pin: 'nft', warnings: stage.warnings });
  const pinned = await node.call<FelixStart>('startFelix', { pin: 'nft', threads: true });
  if (pinned.kind !== 'running' || pinned.mode !== 'nft') throw new Error(`pinned Felix: ${JSON.stringify(pinned)}`);
  await programPods(stage, [...oldPods, ...orderPods, ...newPods], true);
  await stage.truth({ phase: 'mirrored', oldPods, newPods, dropped: 'new pods' });
  removeOwner('legacy', 'cali-');
  tell({ kind: 'phase', phase: 'mirrored-repaired', title: 'stale legacy rules removed', why: 'one owner again, in nft' });
  await stage.truth({ phase: 'mirrored-repaired', oldPods, newPods, dropped: 'nothing' });
}

/** Felix writes its rules for these pods; `first` puts in the jumps from the kernel's chains. */
export async function programPods(stage: Stage, pods: readonly LabPod[], first: boolean): Promise<void> {
  if (!(await stage.node.call<boolean>('programFelix', { pods, first }))) throw new Error('Felix could not write its rules');
}

function expectMode(start: FelixStart, mode: Mode): void {
  if (start.kind !== 'running' || start.mode !== mode) throw new Error(`Felix should have chosen ${mode}: ${JSON.stringify(start)}`);
}

function describe(start: FelixStart): string {
  if (start.kind !== 'running') return start.how;
  return start.outcomes.map(({ command, rules, error }) => `${command} ${error ?? number(rules)}`).join(', ');
}
