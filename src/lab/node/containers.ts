import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { inNetworkNamespace } from '#host/linux/namespaces.ts';
import { type Peer, peerOf } from '../peer.ts';
import { digest, type LabPod } from '../plan.ts';
import { makeCgroup, pidsRoot } from './cgroups.ts';
import { appendCri, containerLog } from './component-logs.ts';

export interface Container {
  readonly child: ChildProcess;
  readonly peer: Peer;
  readonly ended: Promise<string>;
  /** Sends output to this restart's log from now on. */
  logTo(pod: Pick<LabPod, 'namespace' | 'name' | 'uid'>, name: string, restart: number): void;
}

/** Few threads, so that it still starts near a limit: Node 24 needs three. */
const nodeFlags = ['--v8-pool-size=1', '--disable-sigusr1', '--disable-warning=ExperimentalWarning'];

/** Starts a stand-in in this process's cgroup and, where `pod` has one, in its network namespace. */
export function startStandIn(script: string, pod: LabPod | null): Container {
  const path = new URL(`../stand-ins/${script}.ts`, import.meta.url).pathname;
  const start = () =>
    spawn(process.execPath, [...nodeFlags, path], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    });
  const child = pod === null ? start() : inNetworkNamespace(`/run/netns/${pod.name}`, start);
  let log: string | null = null;
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.on('data', (bytes: Buffer) => log !== null && appendCri(log, stream, bytes.toString()));
  }
  const ended = new Promise<string>((resolve) => child.on('close', (code, signal) => resolve(signal ?? `exit status ${code}`)));
  const logTo: Container['logTo'] = (of, name, restart) => {
    log = containerLog(of, name, restart);
  };
  return { child, peer: peerOf(child), ended, logTo };
}

/** Moves a process with all its threads into its container's cgroup, laid out as kubelet's cgroupfs driver does. */
export function moveToPodCgroup(pid: number, quality: 'burstable' | 'besteffort', pod: Pick<LabPod, 'uid'>, restart = 0): string {
  const root = pidsRoot();
  if (root === null) throw new Error('no pids controller in the lab');
  const path = podCgroup(pod, quality, restart);
  writeFileSync(`${makeCgroup(root, path)}/cgroup.procs`, String(pid));
  return path;
}

/** Container ids are of one lab only, so that the kernel's log, which is the whole machine's, does not mix up two labs. */
const lab = randomUUID();

/** A container's cgroup below the pids controller's root. */
export function podCgroup(pod: Pick<LabPod, 'uid'>, quality: 'burstable' | 'besteffort', restart: number): string {
  return `/kubepods/${quality}/pod${pod.uid}/${digest(`${lab} ${pod.uid} ${restart}`)}`;
}
