import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { failed, ok, type Result } from '#facts/result.ts';

/** Runs a command in every namespace of the lab's node, with this terminal. Its exit status, or why it could not be run. */
export function execInLab(cgroup: string, words: readonly string[]): Result<number> {
  const service = `${cgroup}/node/system.slice/kubelet.service/cgroup.procs`;
  const pid = firstProcess(service);
  if (pid === null) return failed({ code: 'lab-not-ready', source: service, found: 'no process', expected: "the node's first process" });
  const env = { ...process.env, PATH: `/run/lab/bin:${process.env['PATH']}`, KUBECONFIG: '/run/lab/kubeconfig' };
  const namespaces = ['--net', '--mount', '--uts', '--ipc', '--pid', '--cgroup'];
  const run = spawnSync('nsenter', ['--target', pid, ...namespaces, '--wd=/', ...words], { stdio: 'inherit', env });
  if (run.error !== undefined) return failed({ code: 'not-run', source: 'nsenter', found: run.error.message, expected: 'to run' });
  return ok(run.status ?? 1);
}

/** The oldest process of the kubelet's cgroup is the node's first: commands that it runs come after it. */
function firstProcess(path: string): string | null {
  try {
    const pids = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return pids.toSorted((a, b) => Number(a) - Number(b))[0] ?? null;
  } catch {
    return null;
  }
}
