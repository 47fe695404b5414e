import { cite } from '#facts/evidence.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { figure, type LimitAnswer, limitRow, numberOf, question, rows } from './limit-row.ts';

const asks = 'is there room for tasks on the host (kernel.threads-max)?';

/** `kernel.threads-max` against all tasks of the host, whatever their namespace (copy_process: nr_threads >= max_threads). */
export function threadsMax(snapshot: Snapshot): LimitAnswer {
  const max = numberOf(snapshot.sysctls.get('kernel.threads-max'));
  if (max === null) return question('kernel.threads-max', asks, 'sysctl/kernel/threads-max');
  if (snapshot.tasks.kind === 'missing') return question('kernel.threads-max', asks, `${snapshot.tasks.source}: ${snapshot.tasks.because}`);
  const tasks = snapshot.tasks.value;
  return rows(
    limitRow({
      id: 'kernel.threads-max',
      subject: 'host',
      use: tasks.value,
      limit: max.value,
      unit: 'tasks',
      owner: 'kernel, from the size of memory; sysctl kernel.threads-max',
      evidence: [cite(max, `at most ${figure(max.value)} tasks`), cite(tasks, `${figure(tasks.value)} tasks on the whole host`)],
    }),
  );
}
