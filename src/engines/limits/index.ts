import type { LimitReport } from '#facts/limit.ts';
import type { Snapshot } from '#facts/snapshot.ts';

export function assessLimits(_snapshot: Snapshot): LimitReport {
  throw new Error('not built yet');
}
