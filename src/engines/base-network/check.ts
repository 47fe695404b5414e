import type { Severity } from '#facts/diagnosis.ts';
import { cite, type Evidence, type Place } from '#facts/evidence.ts';
import type { NodeNetwork } from './node-network.ts';

/** How a check ends: never in two ways, and without an answer only where it names what is missing. */
export type Outcome =
  | { readonly kind: 'finding'; readonly subject: string; readonly detail: string; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'ruled-out'; readonly because: string; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'undecided'; readonly missing: string };

export interface Check {
  /** Id of the failure mode that it finds or rules out. */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly leadsTo: readonly string[];
  readonly question: string;
  /** It says something of pods only: where none is known, it neither finds nor rules out. */
  readonly ofPods: boolean;
  readonly run: (network: NodeNetwork) => Outcome;
}

/** A thing that is wrong, with the line that shows it. */
export interface Fault {
  readonly subject: string;
  readonly says: string;
  readonly at: Citable | null;
}

export interface Citable {
  readonly at: Place;
  readonly text?: string;
}

/** How many lines are cited for one answer. */
const citedLines = 4;

export function ruledOut(because: string, lines: readonly { readonly at: Citable; readonly says: string }[]): Outcome {
  return { kind: 'ruled-out', because, evidence: lines.slice(0, citedLines).flatMap(({ at, says }) => line(at, says)) };
}

export function undecided(missing: string): Outcome {
  return { kind: 'undecided', missing };
}

/** Faults are proof whatever is missing; without one, anything missing leaves the question open. */
export function conclude(of: {
  readonly faults: readonly Fault[];
  readonly missing: readonly string[];
  readonly otherwise: () => Outcome;
}): Outcome {
  const { faults, missing } = of;
  if (faults.length > 0) {
    const subjects = [...new Set(faults.map((fault) => fault.subject))];
    return {
      kind: 'finding',
      subject: list(subjects),
      detail: list(
        faults.map((fault) => `${fault.subject}: ${fault.says}`),
        '; ',
      ),
      evidence: once(faults.flatMap((fault) => (fault.at === null ? [] : line(fault.at, fault.says)))).slice(0, citedLines),
    };
  }
  return missing.length > 0 ? undecided(list([...new Set(missing)])) : of.otherwise();
}

/** The first few, and how many more there are. */
export function list(items: readonly string[], separator = ', '): string {
  const more = items.length - citedLines;
  return more > 0 ? `${items.slice(0, citedLines).join(separator)} and ${more} more` : items.join(separator);
}

/** Evidence, where the reader of the file kept the line. */
export function line(at: Citable, says: string): readonly Evidence[] {
  return at.text === undefined ? [] : [cite({ at: at.at, text: at.text }, says)];
}

/** Faults that one line shows cite it once. */
function once(evidence: readonly Evidence[]): readonly Evidence[] {
  return [...new Map(evidence.toReversed().map((entry) => [`${entry.source}:${entry.line}`, entry])).values()].toReversed();
}
