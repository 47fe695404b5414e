import type { LogEvent } from '#facts/log.ts';
import type { BackendReplay, BackendSurvey, Owner } from '#facts/ownership.ts';
import type { Chain } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';

export function surveyBackends(_snapshot: Snapshot, _events: readonly LogEvent[]): BackendSurvey {
  throw new Error('not built yet');
}

/** One probe command's outcome, as a component would see it. */
export interface ProbeOutcome {
  readonly ok: boolean;
  readonly rules: number;
  readonly kubeHint: boolean;
  /** False: only the look at mangle failed. */
  readonly hintOk: boolean;
}
export type ProbeCommand = 'iptables-legacy-save' | 'ip6tables-legacy-save' | 'iptables-nft-save' | 'ip6tables-nft-save';
export interface ProbeOutcomes {
  readonly commands: Readonly<Record<ProbeCommand, ProbeOutcome | null>>;
  readonly legacyTables: { readonly ip: boolean | null; readonly ip6: boolean | null };
}

/** What the component's probes would return on this node now; null where the snapshot cannot tell. */
export function probeOutcomes(_snapshot: Snapshot): ProbeOutcomes {
  throw new Error('not built yet');
}

export function replayChoice(_request: {
  readonly component: string;
  readonly version: string;
  readonly configured: 'auto' | 'legacy' | 'nft';
  readonly outcomes: ProbeOutcomes;
}): BackendReplay {
  throw new Error('not built yet');
}

export function ownerOfChain(_chain: Chain): Owner {
  throw new Error('not built yet');
}
