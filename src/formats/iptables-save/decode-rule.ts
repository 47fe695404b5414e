import type { Family } from '#facts/address.ts';
import type { Match, Target } from '#facts/rule.ts';
import { decodeBase, decodeMatch } from './matches.ts';
import { type Segment, segmentsOf } from './segments.ts';
import { decodeTarget } from './targets.ts';
import { tokensOf } from './tokens.ts';
import { UnreadableValue } from './values.ts';

export interface DecodedRule {
  readonly matches: readonly Match[];
  readonly target: Target;
}

/** Decodes what stands after `-A CHAIN `. Nothing is dropped: what cannot be read becomes `unmodelled`, with the reason. */
export function decodeRule(text: string, family: Family, isChain: (name: string) => boolean): DecodedRule {
  const tokens = tokensOf(text);
  if (tokens === null) return undecodable('a quote that is not closed');
  const segments = segmentsOf(tokens);
  if ('because' in segments) return undecodable(segments.because);
  const matches: Match[] = [];
  let target: Target | null = null;
  for (const segment of segments) {
    if (segment.kind === 'base' || segment.kind === 'match') matches.push(...matchesOf(segment, family));
    else if (target !== null) return undecodable('two targets');
    else target = targetOf(segment, family, isChain);
  }
  return { matches, target: target ?? { kind: 'continue', name: '' } };
}

function undecodable(because: string): DecodedRule {
  return { matches: [{ kind: 'unmodelled', module: 'rule', text: because }], target: { kind: 'unmodelled', name: 'rule', text: because } };
}

function matchesOf(segment: Segment, family: Family): readonly Match[] {
  try {
    return segment.kind === 'base' ? decodeBase(segment, family) : decodeMatch(segment, family);
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    return [{ kind: 'unmodelled', module: segment.name || 'rule', text: `${error.message} in '${segment.text}'` }];
  }
}

function targetOf(segment: Segment, family: Family, isChain: (name: string) => boolean): Target {
  try {
    return decodeTarget(segment, family, isChain);
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    return { kind: 'unmodelled', name: segment.name, text: `${error.message} in '${segment.text}'` };
  }
}
