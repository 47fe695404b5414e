import type { Match, Target } from '#facts/rule.ts';

/** A rule that iptables-nft could have written, in the parts that iptables-save prints. */
export interface IptablesRule {
  readonly head: Head;
  readonly matches: readonly MatchPart[];
  /** Null: no target. */
  readonly target: TargetPart | null;
}

/** What stands in front of the matches; each with its words. */
export interface Head {
  readonly source: Part | null;
  readonly destination: Part | null;
  readonly inInterface: Part | null;
  readonly outInterface: Part | null;
  readonly protocol: Part | null;
  readonly fragment: Part | null;
}

export interface Part {
  readonly text: string;
  readonly match: Match;
}

/** One `-m`. */
export interface MatchPart {
  readonly text: string;
  readonly matches: readonly Match[];
}

export interface TargetPart {
  readonly text: string;
  readonly target: Target;
}

/** The words after `-A CHAIN `. */
export function textOf({ head, matches, target }: IptablesRule): string {
  const words = [head.source, head.destination, head.inInterface, head.outInterface, head.protocol, head.fragment, ...matches, target];
  return words
    .map((part) => part?.text ?? '')
    .filter((text) => text !== '')
    .join(' ');
}

/** In the order of the words. */
export function matchesOf({ head, matches }: IptablesRule): readonly Match[] {
  const parts = [head.source, head.destination, head.inInterface, head.outInterface, head.protocol, head.fragment];
  return [...parts.flatMap((part) => part?.match ?? []), ...matches.flatMap((part) => part.matches)];
}

/** `! ` in front of what is negated. */
export function not(negated: boolean): string {
  return negated ? '! ' : '';
}
