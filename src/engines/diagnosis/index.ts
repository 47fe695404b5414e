import type { Diagnosis } from '#facts/diagnosis.ts';
import type { Snapshot } from '#facts/snapshot.ts';

export function diagnose(_snapshot: Snapshot): Diagnosis {
  throw new Error('not built yet');
}
