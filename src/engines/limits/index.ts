import type { LimitReport, LimitUse } from '#facts/limit.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { limitTable } from './limit-table.ts';

export { type PodTasks, tasksByPod } from './tasks-by-pod.ts';

/**
 * Every limit that can bind on this node with its use. The order: what binds, what refused something earlier, then the
 * least slack relative to the limit; limits that are not set come last. What could not be read is a question.
 */
export function assessLimits(snapshot: Snapshot): LimitReport {
  const answers = limitTable.map((entry) => entry.assess(snapshot));
  const limits = answers.flatMap((answer) => answer.limits).sort(byUrgency);
  return {
    limits,
    binding: limits.find((row) => row.state === 'binds') ?? null,
    undecided: answers.flatMap((answer) => answer.undecided),
  };
}

const stateRank = { binds: 0, bound: 1, close: 2, free: 2 } as const satisfies Record<LimitUse['state'], number>;

function byUrgency(a: LimitUse, b: LimitUse): number {
  return stateRank[a.state] - stateRank[b.state] || proofRank(a) - proofRank(b) || room(a) - room(b);
}

/** Among limits that bind, the one with the most refusals did the damage. */
function proofRank(row: LimitUse): number {
  return row.state === 'binds' || row.state === 'bound' ? -(row.refused ?? 0) : 0;
}

function room(row: LimitUse): number {
  if (row.limit === null || row.slack === null) return Number.MAX_VALUE;
  return row.limit === 0 ? row.slack : row.slack / row.limit;
}
