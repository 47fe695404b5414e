import type { Evidence } from './evidence.ts';

export type Severity = 'info' | 'warning' | 'error' | 'critical';

/** `proven`: evidence shows the thing itself. `supported`: evidence fits and nothing contradicts. `presumed`: it follows from the chain. */
export type Confidence = 'proven' | 'supported' | 'presumed';

/** What a sentence about a finding or an action is made of, so that reports can say it in any language. A name that is not there does not apply. */
export type Figures = Readonly<Record<string, string | number>>;

export interface Finding {
  /** Id of the failure mode in the catalogue. */
  readonly id: string;
  readonly role: 'root-cause' | 'link' | 'symptom';
  readonly severity: Severity;
  readonly title: string;
  readonly subject: string;
  /** One sentence with the figures of this node. */
  readonly detail: string;
  readonly figures?: Figures;
  /** ISO 8601, UTC; null where nothing tells. */
  readonly at: string | null;
  readonly confidence: Confidence;
  readonly leadsTo: readonly string[];
  readonly evidence: readonly Evidence[];
}

export interface RuledOut {
  readonly id: string;
  readonly because: string;
  readonly evidence: readonly Evidence[];
}

export interface OpenQuestion {
  readonly question: string;
  readonly missing: string;
}

export interface Action {
  readonly id: string;
  /** True: an alternative to the steps that are not, and not to be done after them. */
  readonly alternative?: boolean;
  readonly urgency: 'now' | 'next' | 'later';
  readonly title: string;
  readonly figures?: Figures;
  readonly commands: readonly string[];
  readonly undo: readonly string[];
  readonly risk: string;
}

export interface Diagnosis {
  readonly apiVersion: 'faultline.dev/v1';
  readonly kind: 'Diagnosis';
  readonly node: string;
  /** ISO 8601; null: not known, as of a folder of dumps. */
  readonly capturedAt: string | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
  readonly verdict: 'broken' | 'degraded' | 'healthy' | 'undecided';
  readonly summary: string;
  readonly chain: readonly Finding[];
  /** What the chain leads to that has not happened yet (ids of the catalogue, with what would make it happen). */
  readonly ahead: readonly { readonly id: string; readonly title: string; readonly when: string }[];
  readonly findings: readonly Finding[];
  readonly ruledOut: readonly RuledOut[];
  readonly undecided: readonly OpenQuestion[];
  readonly actions: readonly Action[];
}
