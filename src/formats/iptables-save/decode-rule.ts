import type { Family } from '#facts/address.ts';
import type { Backend, Match, Target } from '#facts/rule.ts';
import { decodeBase, decodeMatch } from './matches.ts';
import { type Segment, segmentsOf } from './segments.ts';
import { decodeTarget } from './targets.ts';
import { tokensOf } from './tokens.ts';
import { UnreadableValue } from './values.ts';

export interface DumpKind {
  readonly family: Family;
  readonly backend: Backend;
}

export interface DecodedRule {
  readonly matches: readonly Match[];
  readonly target: Target;
}

/** Decodes what stands after `-A CHAIN `. Nothing is dropped: what cannot be read becomes `unmodelled`, with the reason. */
export function decodeRule(text: string, dump: DumpKind, isChain: (name: string) => boolean): DecodedRule {
  const tokens = tokensOf(text);
  if (tokens === null) return undecodable('a quote that is not closed');
  const segments = segmentsOf(tokens);
  if ('because' in segments) return undecodable(segments.because);
  const matches: Match[] = [];
  let target: Target | null = null;
  for (const segment of segments) {
    if (segment.kind === 'base' || segment.kind === 'match') matches.push(...matchesOf(segment, dump.family));
    else if (target !== null) return undecodable('two targets');
    else target = targetOf(segment, dump.family, isChain);
  }
  if (dump.backend === 'nft') matches.push(...negatedPortPair(matches));
  return { matches, target: target ?? { kind: 'continue', name: '' } };
}

/**
 * iptables-nft before 1.8.11 compiled `! --sport A ! --dport B` to one comparison, NOT(A and B); others give NOT A and NOT B. The text is the
 * same, so that only the bytecode could tell.
 */
function negatedPortPair(matches: readonly Match[]): readonly Match[] {
  const negated = matches.filter((match) => match.kind === 'ports' && match.negated && (match.module === 'tcp' || match.module === 'udp'));
  if (negated.length < 2) return [];
  return [
    { kind: 'unmodelled', module: 'ports', text: '! --sport and ! --dport in one nft rule mean different things by iptables version' },
  ];
}

function undecodable(because: string): DecodedRule {
  return { matches: [{ kind: 'unmodelled', module: 'rule', text: because }], target: { kind: 'unmodelled', name: 'rule', text: because } };
}

/** The matches of one module. */
export function matchesOf(segment: Segment, family: Family): readonly Match[] {
  try {
    return segment.kind === 'base' ? decodeBase(segment, family) : decodeMatch(segment, family);
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    return [{ kind: 'unmodelled', module: segment.name || 'rule', text: `${error.message} in '${segment.text}'` }];
  }
}

export function targetOf(segment: Segment, family: Family, isChain: (name: string) => boolean): Target {
  try {
    return decodeTarget(segment, family, isChain);
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    return { kind: 'unmodelled', name: segment.name, text: `${error.message} in '${segment.text}'` };
  }
}
