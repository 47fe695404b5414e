import { cite } from '#facts/evidence.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { figure, type LimitAnswer, limitRow, numberOf, question } from './limit-row.ts';

/** A thread's stack and its guard page are two mappings (glibc). */
const mapsPerThread = 2;
const asks = 'has a process reached vm.max_map_count?';

/** `vm.max_map_count` against the process with the most threads. Its maps are estimated, so it never `binds`. */
export function mapCount(snapshot: Snapshot): LimitAnswer {
  const max = numberOf(snapshot.sysctls.get('vm.max_map_count'));
  if (max === null) return question('vm.max_map_count', asks, 'sysctl/vm/max_map_count');
  if (snapshot.processes.kind === 'missing') {
    return question('vm.max_map_count', asks, `${snapshot.processes.source}: ${snapshot.processes.because}`);
  }
  const largest = snapshot.processes.value
    .flatMap((process) => (process.threads === null ? [] : [{ process, threads: process.threads }]))
    .reduce<Largest | null>((best, entry) => (best === null || entry.threads.value > best.threads.value ? entry : best), null);
  if (largest === null) return question('vm.max_map_count', asks, 'proc/PID/status: no process could be read');
  const { process, threads } = largest;
  const use = threads.value * mapsPerThread;
  const near = use >= max.value * 0.9;
  const row = limitRow({
    id: 'vm.max_map_count',
    subject: `process ${process.pid} (${process.name})`,
    use,
    limit: max.value,
    unit: 'maps',
    state: near ? 'close' : 'free',
    estimated: true,
    owner: 'sysctl vm.max_map_count',
    evidence: [
      cite(max, `at most ${figure(max.value)} maps in one process`),
      cite(threads, `${figure(threads.value)} threads, about ${mapsPerThread} maps each`),
    ],
  });
  const missing = `proc/${process.pid}/maps: its maps are estimated from its threads`;
  return { limits: [row], undecided: near ? [{ limit: 'vm.max_map_count', question: asks, missing }] : [] };
}

type Largest = {
  readonly process: { readonly pid: number; readonly name: string };
  readonly threads: NonNullable<Extract<Snapshot['processes'], { kind: 'read' }>['value'][number]['threads']>;
};
