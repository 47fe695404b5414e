import type { NftExpression } from '#facts/nft.ts';
import { quoted } from '../../../xtables/words.ts';
import type { TargetPart } from './parts.ts';

/** The target that the last expressions of a rule are, from `at` on; null where iptables has no words for them. */
export function targetAt(expressions: readonly NftExpression[], at: number): TargetPart | null {
  const first = expressions[at];
  const rest = expressions.length - at;
  if (first?.kind === 'immediate') return rest === 2 ? tracePart(first, expressions[at + 1]) : null;
  if (first === undefined || rest !== 1) return null;
  if (first.kind === 'xt-target') return { text: first.text, target: first.target };
  if (first.kind === 'verdict') return verdictPart(first.verdict);
  return first.kind === 'log' ? nflogPart(first) : null;
}

function verdictPart(verdict: Extract<NftExpression, { kind: 'verdict' }>['verdict']): TargetPart | null {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return { text: `-j ${verdict.kind.toUpperCase()}`, target: { kind: verdict.kind } };
    case 'jump':
    case 'goto':
      return { text: `${verdict.kind === 'jump' ? '-j' : '-g'} ${verdict.chain}`, target: { kind: verdict.kind, chain: verdict.chain } };
    default:
      return null;
  }
}

/** `-j TRACE` sets meta nftrace. */
function tracePart(value: Extract<NftExpression, { kind: 'immediate' }>, next: NftExpression | undefined): TargetPart | null {
  const sets = next?.kind === 'meta-set' && next.key === 'nftrace' && next.from === value.to;
  return sets && value.value[0] === 1 ? { text: '-j TRACE', target: { kind: 'continue', name: 'TRACE' } } : null;
}

const options = / ?group (\d+)(?: snaplen (\d+))?(?: queue-threshold (\d+))?$/;

/** `-j NFLOG`: a log with a group. Without one the kernel's own log is meant, which iptables writes as an xt target. */
function nflogPart(log: Extract<NftExpression, { kind: 'log' }>): TargetPart | null {
  const found = options.exec(log.text);
  if (found === null) return null;
  const [, group = '0', size = '0', threshold = '0'] = found;
  const text = [
    '-j NFLOG',
    log.prefix === '' ? '' : ` --nflog-prefix${quoted(log.prefix)}`,
    group === '0' ? '' : ` --nflog-group ${group}`,
    size === '0' ? '' : ` --nflog-size ${size}`,
    threshold === '0' ? '' : ` --nflog-threshold ${threshold}`,
  ].join('');
  return { text, target: { kind: 'continue', name: 'NFLOG' } };
}
