import type { Diagnosis, Finding } from '#facts/diagnosis.ts';

export type Language = 'en' | 'zh';

/** The fixed words of the write-up, in one language. The sections are those of the report that the tool was made for. */
export interface Words {
  readonly title: (node: string) => string;
  readonly sections: {
    readonly symptom: string;
    readonly impact: string;
    readonly environment: string;
    readonly investigation: string;
    readonly timeline: string;
    readonly ruledOut: string;
    readonly undecided: string;
    readonly cause: string;
    readonly measures: string;
    readonly advice: string;
  };
  readonly direct: string;
  readonly root: string;
  readonly chain: string;
  readonly doubts: string;
  /** Between a label and what it labels. */
  readonly colon: string;
  /** Between the members of a list. */
  readonly comma: string;
  /** After a title that a sentence follows. */
  readonly stop: string;
  readonly inBrackets: (text: string) => string;
  readonly confidence: Readonly<Record<Finding['confidence'], string>>;
  readonly verdict: Readonly<Record<Diagnosis['verdict'], string>>;
  /** Between two sentences. */
  readonly verdictGap: string;
  readonly affected: (pods: string, of: string, connections: string) => string;
  readonly noneAffected: string;
  readonly ahead: string;
  readonly when: (title: string, condition: string) => string;
  readonly labels: Readonly<Record<string, string>>;
  readonly component: string;
  readonly version: string;
  readonly captured: string;
  readonly unknown: string;
  readonly capturing: string;
  readonly notOnChain: string;
  readonly evidence: string;
  readonly more: (lines: number) => string;
  /** Before what was lacking to decide a question. */
  readonly missing: string;
  readonly time: string;
  readonly event: string;
  readonly step: (position: number) => string;
  readonly undated: (titles: string) => string;
  readonly ruledOutIntro: (checks: number) => string;
  readonly urgency: Readonly<Record<'now' | 'next' | 'later', string>>;
  readonly commands: string;
  readonly undo: string;
  readonly risk: string;
  readonly nothingFound: string;
  readonly noChain: string;
  readonly nothing: string;
  /** Titles by id, of failure modes and of base checks; what is not here keeps its English title. */
  readonly titles: Readonly<Record<string, string>>;
  /** What a person calls what was ruled out. */
  readonly suspects: Readonly<Record<string, string>>;
  /** When a failure mode that is ahead comes. */
  readonly follows: Readonly<Record<string, string>>;
  /** What keeps a failure mode from coming back, where an action does not say it already. */
  readonly prevention: Readonly<Record<string, string>>;
  /** A sentence that stands in English only. */
  readonly untranslated: (english: string) => string;
  readonly written: string;
}
