import { type ChildProcess, spawn } from 'node:child_process';
import type { LabEvent, LabPlan } from '../events.ts';
import { makeCgroup, pidsRoot } from '../node/cgroups.ts';
import { peerOf } from '../peer.ts';
import { labName, removeCgroups, removeLeftovers } from './leftovers.ts';

export type RunWish = Pick<LabPlan, 'scenario' | 'scale' | 'limit' | 'hold' | 'record'>;

/**
 * Runs a scenario and removes everything of it, also when interrupted ('interrupted' then). If this process is killed, the kernel
 * ends the lab's processes with it, and with them their namespaces; empty cgroups remain until the next run or `lab clean`.
 */
export async function runLab(
  wish: RunWish,
  onEvent: (event: LabEvent) => void,
): Promise<'done' | 'interrupted' | { readonly failure: string }> {
  const root = pidsRoot();
  if (root === null) throw new Error('no pids controller');
  await removeLeftovers(root.path);
  const id = labName();
  const cgroup = makeCgroup(root, `/${id}`);
  const supervisor = startSupervisor();
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    supervisor.kill('SIGKILL');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    await peerOf(supervisor, onEvent).call('run', { ...wish, id, cgroup, cgroupVersion: root.version } satisfies LabPlan);
    return 'done';
  } catch (error) {
    if (interrupted) return 'interrupted';
    return { failure: error instanceof Error ? error.message.split('\n', 1).join('') : String(error) };
  } finally {
    supervisor.kill('SIGKILL');
    await removeCgroups(cgroup);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** In a session of its own, so that a terminal's Ctrl-C reaches only the launcher, which then ends it. */
function startSupervisor(): ChildProcess {
  const script = new URL('../supervisor/main.ts', import.meta.url).pathname;
  const isolate = ['unshare', '--net', '--mount', '--uts', '--ipc', '--propagation', 'private'];
  const command = [...isolate, process.execPath, '--disable-warning=ExperimentalWarning', script];
  return spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true });
}
