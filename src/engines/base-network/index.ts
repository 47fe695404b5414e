import type { Finding, OpenQuestion, RuledOut } from '#facts/diagnosis.ts';
import type { Snapshot } from '#facts/snapshot.ts';

export interface BaseNetworkReport {
  readonly findings: readonly Finding[];
  readonly ruledOut: readonly RuledOut[];
  readonly undecided: readonly OpenQuestion[];
}

export function checkBaseNetwork(_snapshot: Snapshot): BaseNetworkReport {
  throw new Error('not built yet');
}
