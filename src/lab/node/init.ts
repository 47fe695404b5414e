import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { servePeer } from '../peer.ts';
import { type LabPod, uuid } from '../plan.ts';
import { runProgram } from '../run-program.ts';
import type { Mode, SaveOutcome } from '../stand-ins/detection.ts';
import { captureNode } from './capture-node.ts';
import { makeCgroup, pidsRoot } from './cgroups.ts';
import { appendKlog } from './component-logs.ts';
import { type Container, moveToPodCgroup, podCgroup, startStandIn } from './containers.ts';

/**
 * The first process of the lab's node, in a PID and cgroup namespace of its own; stands in for the kubelet: it makes the cgroups, starts
 * containers and writes their logs. It lives outside kubepods, as a kubelet does.
 */
const kubeletLog = '/var/log/kubelet.log';
const calicoNode = { namespace: 'kube-system', name: 'calico-node-x7k2p', uid: uuid('calico-node') };
const spares: Container[] = [];
const storm: Container[] = [];
let felix: Container | null = null;
let restarts = -1;

function root(): NonNullable<ReturnType<typeof pidsRoot>> {
  const found = pidsRoot();
  if (found === null) throw new Error('no pids controller in the lab');
  return found;
}

/** Own /proc and own cgroup tree, in this mount namespace only. */
function mount({ version, limit }: { readonly version: 1 | 2; readonly limit: number }): null {
  runProgram('mount', ['--make-private', '/proc']);
  runProgram('mount', ['-t', 'proc', 'proc', '/proc']);
  if (version === 1) {
    runProgram('mount', ['-t', 'tmpfs', 'cgroup', '/sys/fs/cgroup']);
    runProgram('mkdir', ['/sys/fs/cgroup/pids']);
    runProgram('mount', ['-t', 'cgroup', '-o', 'pids', 'cgroup', '/sys/fs/cgroup/pids']);
  } else {
    runProgram('mount', ['-t', 'cgroup2', 'cgroup2', '/sys/fs/cgroup']);
  }
  // The namespace's root must be empty before v2 hands controllers down; the supervisor takes unshare(1) out of it.
  makeLeaf('/system.slice/kubelet.service', process.pid);
  makeCgroup(root(), '/kubepods/burstable');
  makeCgroup(root(), '/kubepods/besteffort');
  setLimit(limit);
  return null;
}

function makeLeaf(path: string, pid: number): void {
  const at = root();
  if (at.version === 2) {
    runProgram('mkdir', ['-p', at.path + path]);
    writeFileSync(`${at.path}${path}/cgroup.procs`, String(pid));
    writeFileSync(`${at.path}/cgroup.subtree_control`, '+pids');
    writeFileSync(`${at.path}/system.slice/cgroup.subtree_control`, '+pids');
    return;
  }
  writeFileSync(`${makeCgroup(at, path)}/cgroup.procs`, String(pid));
}

function setLimit(limit: number): null {
  writeFileSync(`${root().path}/kubepods/pids.max`, String(limit));
  return null;
}

/** Of this PID namespace (kernels from 6.14 have one per namespace). */
function setPidMax(value: number): null {
  writeFileSync('/proc/sys/kernel/pid_max', String(value));
  return null;
}

function count(): { readonly current: number; readonly max: string } {
  const at = `${root().path}/kubepods`;
  return { current: Number(readFileSync(`${at}/pids.current`, 'utf8')), max: readFileSync(`${at}/pids.max`, 'utf8').trim() };
}

/** A process in each pod's cgroup, so that the pod is there. */
function runPods(pods: readonly LabPod[]): null {
  for (const pod of pods) {
    const child = spawn('sleep', ['infinity'], { stdio: 'ignore' });
    moveToPodCgroup(child.pid as number, 'burstable', pod);
  }
  return null;
}

/** Felix processes for later restarts, started while there is room. */
function prepareFelix(processes: number): null {
  for (let i = 0; i < processes; i++) spares.push(startStandIn('felix', null));
  return null;
}

export type FelixStart =
  | { readonly kind: 'running'; readonly detected: Mode; readonly mode: Mode; readonly outcomes: readonly SaveOutcome[] }
  | { readonly kind: 'crashed'; readonly how: string };

/** The container's next start: a prepared process moves into the pod's cgroup, full or not. */
async function startFelix(options: { readonly pin: Mode | null; readonly threads: boolean }): Promise<FelixStart> {
  const next = spares.shift();
  if (next === undefined) throw new Error('no prepared Felix is left');
  restarts++;
  next.logTo(calicoNode, 'calico-node', restarts);
  moveToPodCgroup(next.child.pid as number, 'burstable', calicoNode, restarts);
  felix = next;
  return outcome(next, next.peer.call<object>('start', options));
}

/** The running Felix needs a thread, as Go's runtime does at any time. */
function strainFelix(): Promise<FelixStart> {
  if (felix === null) throw new Error('no Felix runs');
  return outcome(felix, felix.peer.call<object>('needThread'));
}

async function outcome(container: Container, reply: Promise<object>): Promise<FelixStart> {
  const value = await reply.catch(() => null);
  if (value !== null || container.child.exitCode === null) {
    if (value !== null) return { kind: 'running', ...value } as FelixStart;
  }
  const how = await container.ended;
  appendKlog(kubeletLog, 'E', `pod_workers.go:191] Error syncing pod ${calicoNode.uid}: container calico-node ended: ${how}`);
  return { kind: 'crashed', how };
}

/** An exec probe in the container: a shell moves into its cgroup and forks there. Null where that went well. */
function probeFelix(): string | null {
  if (felix?.child.pid === undefined) throw new Error('no Felix runs');
  const group = `${root().path}${podCgroup(calicoNode, 'burstable', restarts)}/cgroup.procs`;
  const run = spawnSync('sh', ['-c', `echo $$ > ${group} && /bin/true; exit $?`], { encoding: 'utf8' });
  if (run.error === undefined && run.status === 0) return null;
  const because = run.error === undefined ? run.stderr.trim() : (run.error as NodeJS.ErrnoException).code;
  const message = `OCI runtime exec failed: exec failed: ${because}: resource temporarily unavailable: unknown`;
  appendKlog(
    kubeletLog,
    'E',
    `remote_runtime.go:392] ExecSync calico-node '/bin/calico-node -felix-ready' from runtime service failed: ${message}`,
  );
  return message;
}

async function stopFelix(): Promise<null> {
  felix?.child.kill('SIGKILL');
  await felix?.ended;
  return null;
}

function programFelix(what: { readonly pods: readonly LabPod[]; readonly first: boolean }): Promise<boolean> {
  if (felix === null) throw new Error('no Felix runs');
  return felix.peer.call<boolean>('program', what);
}

/** The batch update's pods, each in its cgroup and network namespace, not yet grown. */
async function startStorm(pods: readonly LabPod[]): Promise<null> {
  for (const pod of pods) {
    const container = startStandIn('storm-pod', pod);
    container.logTo(pod, 'orders', 0);
    moveToPodCgroup(container.child.pid as number, 'burstable', pod);
    storm.push(container);
  }
  await Promise.all(storm.map(({ peer }) => peer.call('state')));
  return null;
}

async function growStorm(threads: number): Promise<null> {
  await Promise.all(storm.map(({ peer }) => peer.call('grow', threads)));
  return null;
}

async function stormState(): Promise<{ readonly threads: number; readonly refused: number }> {
  const states = await Promise.all(storm.map(({ peer }) => peer.call<{ threads: number; refused: boolean }>('state')));
  return { threads: states.reduce((sum, { threads }) => sum + threads, 0), refused: states.filter(({ refused }) => refused).length };
}

servePeer({
  mount,
  capture: captureNode,
  setLimit,
  setPidMax,
  count,
  runPods,
  prepareFelix,
  startFelix,
  strainFelix,
  stopFelix,
  probeFelix,
  programFelix,
  startStorm,
  growStorm,
  stormState,
});
