import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { LabPlan } from '../events.ts';
import { type Peer, peerOf } from '../peer.ts';

export interface LabNode extends Peer {
  readonly child: ChildProcess;
}

/** Starts the node's first process in its own PID, mount and cgroup namespaces, below the lab's cgroup, without core dumps. */
export async function startNode(plan: LabPlan, kubepodsMax: number): Promise<LabNode> {
  const nodeGroup = `${plan.cgroup}/node`;
  mkdirSync(nodeGroup, { recursive: true });
  mkdirSync(`${plan.cgroup}/supervisor`, { recursive: true });
  const init = new URL('../node/init.ts', import.meta.url).pathname;
  const script = 'ulimit -c 0; echo $$ > "$0/cgroup.procs" && exec "$@"';
  const isolate = ['unshare', '--pid', '--fork', '--kill-child', '--mount', '--propagation', 'unchanged', '--cgroup'];
  const command = [...isolate, process.execPath, '--disable-warning=ExperimentalWarning', init];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'sh', '-c', script, nodeGroup, ...command], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: `/run/lab/bin:${process.env['PATH']}`, KUBECONFIG: '/run/lab/kubeconfig' },
  });
  const peer = peerOf(child);
  await peer.call('count').catch(() => null);
  writeFileSync(`${plan.cgroup}/supervisor/cgroup.procs`, String(child.pid));
  await peer.call('mount', { version: plan.cgroupVersion, limit: kubepodsMax });
  return { ...peer, child };
}
