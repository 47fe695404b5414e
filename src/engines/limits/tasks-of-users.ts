import { cite, type Located } from '#facts/evidence.ts';
import type { LimitUse } from '#facts/limit.ts';
import type { Process } from '#facts/process.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { figure, type LimitAnswer, limitRow, question, rows } from './limit-row.ts';

type Threaded = Process & { readonly threads: Located<number> };
type Limited = Process & { readonly maxProcesses: Located<number> };

/**
 * RLIMIT_NPROC: the tasks of a user over all pods, against the lowest soft limit among that user's processes. Root is exempt
 * (copy_process), and so is a process with CAP_SYS_RESOURCE or CAP_SYS_ADMIN.
 */
export function tasksOfUsers(snapshot: Snapshot): LimitAnswer {
  if (snapshot.processes.kind === 'missing') {
    const { source, because } = snapshot.processes;
    return question('rlimit-nproc', 'has a user reached RLIMIT_NPROC?', `${source}: ${because}`);
  }
  const users = Map.groupBy(snapshot.processes.value, (process) => process.uid);
  users.delete(0);
  return rows(...[...users].flatMap(([uid, processes]) => rowOf(uid, processes)));
}

function rowOf(uid: number, processes: readonly Process[]): readonly LimitUse[] {
  const tightest = processes
    .filter((process) => !isExempt(process))
    .filter(isLimited)
    .sort((a, b) => a.maxProcesses.value - b.maxProcesses.value)[0];
  const threaded = processes.filter(isThreaded).sort((a, b) => b.threads.value - a.threads.value);
  if (tightest === undefined) return [];
  const use = threaded.reduce((sum, process) => sum + process.threads.value, 0);
  const limit = tightest.maxProcesses;
  return [
    limitRow({
      id: 'rlimit-nproc',
      subject: `uid ${uid}`,
      use,
      limit: limit.value,
      unit: 'tasks',
      owner: 'whoever started the process: limits.conf, LimitNPROC, container runtime',
      evidence: [
        cite(
          limit,
          `${tightest.name} (${tightest.pid}) may fork up to ${figure(limit.value)} tasks of uid ${uid}, unless capabilities exempt it`,
        ),
        ...threaded
          .slice(0, 1)
          .map((process) => cite(process.threads, `${figure(process.threads.value)} of uid ${uid}'s ${figure(use)} tasks`)),
      ],
    }),
  ];
}

/** CAP_SYS_ADMIN (21) or CAP_SYS_RESOURCE (24); unknown capabilities exempt nobody. */
function isExempt({ capabilities }: Process): boolean {
  return capabilities !== undefined && (BigInt(`0x${capabilities}`) & ((1n << 21n) | (1n << 24n))) !== 0n;
}

function isLimited(process: Process): process is Limited {
  return process.maxProcesses !== null && process.maxProcesses.value !== 'unlimited';
}

function isThreaded(process: Process): process is Threaded {
  return process.threads !== null;
}
