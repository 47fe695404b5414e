import type { KernelAnswer, LabProbe } from './supervisor/probes.ts';

/** One probe with both answers. `walker` is the verdict of the packet walk on a capture of the same moment, or why there is none. */
export interface TruthRow {
  readonly probe: Pick<LabProbe, 'title' | 'family' | 'port'>;
  readonly kernel: KernelAnswer;
  readonly walker: string;
  /** What the scenario claims of this probe in this phase. */
  readonly claimed: KernelAnswer;
}

/** What happens in a lab, as it happens. */
export type LabEvent =
  | { readonly kind: 'phase'; readonly phase: string; readonly title: string; readonly why: string }
  | { readonly kind: 'step'; readonly text: string }
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'truth'; readonly phase: string; readonly rows: readonly TruthRow[]; readonly walkerMissing: string | null }
  | { readonly kind: 'held'; readonly phase: string; readonly nodePid: number };

export interface LabPlan {
  readonly id: string;
  readonly scenario: string;
  readonly scale: number;
  readonly limit: 'kubepods' | 'pid-max';
  /** Stop and wait after this phase; null: run to the end. */
  readonly hold: string | null;
  /** Where recorded snapshots go; null: nowhere. */
  readonly record: string | null;
  /** The cgroup of the lab on this machine, and the version of its hierarchy. */
  readonly cgroup: string;
  readonly cgroupVersion: 1 | 2;
}
