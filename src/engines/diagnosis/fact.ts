import type { Confidence, Figures, OpenQuestion } from '#facts/diagnosis.ts';
import type { Evidence } from '#facts/evidence.ts';
import type { Instant } from '#facts/instant.ts';
import type { LogEvent } from '#facts/log.ts';
import type { FailureModeId } from './catalogue.ts';

/** A failure mode that a detector found on this node. */
export interface Fact {
  readonly id: FailureModeId;
  readonly subject: string;
  readonly detail: string;
  readonly figures?: Figures;
  readonly at: Instant | null;
  readonly confidence: Confidence;
  readonly evidence: readonly Evidence[];
  /** The failure mode that this one is causally tied to on this node, by evidence of its own (same limit, backend, rule). */
  readonly causedBy: readonly FailureModeId[];
}

/** What a detector answers: a fact, or none; and what it could not decide. */
export interface Detected {
  readonly fact: Fact | null;
  readonly undecided: readonly OpenQuestion[];
}

export const nothing: Detected = { fact: null, undecided: [] };

export function found(fact: Fact): Detected {
  return { fact, undecided: [] };
}

export function open(question: string, missing: string): Detected {
  return { fact: null, undecided: [{ question, missing }] };
}

export function citeEvent(event: LogEvent, says: string = event.meaning): Evidence {
  return { source: event.at.source, line: event.at.line, text: event.text, says };
}
