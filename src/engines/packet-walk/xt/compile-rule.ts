import type { Rule } from '#facts/rule.ts';
import { addressKey, type RuleKey } from '../chain-index.ts';
import type { Op } from '../op.ts';
import { matchOps } from './match.ts';
import type { RuleContext } from './rule-context.ts';
import { targetOps } from './target.ts';

/** A rule of x_tables, or of a listing of iptables-nft, as operations. */
export function opsOf(rule: Rule, context: RuleContext): readonly Op[] {
  return [...matchOps(rule.matches, context), ...targetOps(rule.target)];
}

/** What the rule wants of the packet before anything that asks or drops; for the chain's index. */
export function keysOf({ matches }: Rule): readonly RuleKey[] {
  const keys: RuleKey[] = [];
  for (const match of matches) {
    switch (match.kind) {
      case 'source':
      case 'destination':
        if (!match.negated && match.prefix.bits === (match.prefix.family === 'ip' ? 32 : 128))
          keys.push({ dimension: match.kind, value: addressKey(match.prefix.words) });
        continue;
      case 'in-interface':
      case 'out-interface':
        if (!match.negated && !match.wildcard) keys.push({ dimension: match.kind === 'in-interface' ? 'in' : 'out', value: match.name });
        continue;
      case 'protocol':
      case 'fragment':
      case 'comment':
        continue;
      case 'ports': {
        const [range] = match.ranges;
        const single = match.side === 'destination' && match.ranges.length === 1 && range !== undefined && range.first === range.last;
        if (single && !match.negated) keys.push({ dimension: 'destination-port', value: range.first });
        return keys;
      }
      default:
        return keys;
    }
  }
  return keys;
}
