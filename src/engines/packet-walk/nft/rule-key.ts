import type { NftExpression, NftRule } from '#facts/nft.ts';
import type { Match } from '#facts/rule.ts';
import { addressKey, type RuleKey } from '../chain-index.ts';
import { networkNumber } from './bytes.ts';
import type { NftContext } from './context.ts';
import { nameOf } from './name-test.ts';

/** Loads and comparisons: a rule does nothing before they hold. */
const pure: ReadonlySet<NftExpression['kind']> = new Set([
  'payload',
  'meta',
  'ct',
  'fib',
  'rt',
  'exthdr',
  'bitwise',
  'shift',
  'bitwise-registers',
  'byteorder',
  'immediate',
  'compare',
  'range',
  'counter',
  'last',
]);
/** xt matches that never drop by themselves, nor count. */
const pureMatches: ReadonlySet<Match['kind']> = new Set([
  'comment',
  'conntrack-state',
  'conntrack-address',
  'conntrack-status',
  'conntrack-direction',
  'mark',
  'address-type',
  'set',
]);

/** What the rule wants of the packet before anything that asks, writes or drops; for the chain's index. */
export function keysOf({ expressions }: NftRule, { family }: NftContext): readonly RuleKey[] {
  const keys: RuleKey[] = [];
  for (const [i, expression] of expressions.entries()) {
    if (expression.kind === 'xt-match') {
      // Most are comments: not worth a look into.
      if (expression.name === 'comment' || expression.matches.every(({ kind }) => pureMatches.has(kind))) continue;
      break;
    }
    if (!pure.has(expression.kind)) break;
    const after = expressions[i + 1];
    if (after?.kind !== 'compare' || after.op !== 'eq') continue;
    if (expression.kind === 'payload' && expression.to === after.from) keys.push(...payloadKeys(expression, after.value, family));
    if (expression.kind === 'meta' && expression.to === after.from) keys.push(...nameKeys(expression.key, after.value));
  }
  return keys;
}

/** One comparison may cover several fields, as that of both addresses. */
function payloadKeys(
  { base, offset, length }: Extract<NftExpression, { readonly kind: 'payload' }>,
  value: Uint8Array,
  family: NftContext['family'],
): readonly RuleKey[] {
  const part = (at: number, bytes: number): Uint8Array | null => {
    const whole = offset <= at && at + bytes <= offset + Math.min(length, value.length);
    return whole ? value.subarray(at - offset, at - offset + bytes) : null;
  };
  if (base === 'transport') {
    const port = part(2, 2);
    return port === null ? [] : [{ dimension: 'destination-port', value: networkNumber(port) }];
  }
  if (base !== 'network') return [];
  const [size, source, destination] = family === 'ip' ? [4, 12, 16] : [16, 8, 24];
  const keys: RuleKey[] = [];
  for (const [dimension, at] of [
    ['source', source],
    ['destination', destination],
  ] as const) {
    const bytes = part(at, size);
    if (bytes !== null) keys.push({ dimension, value: addressKey(addressWords(bytes)) });
  }
  return keys;
}

function addressWords(bytes: Uint8Array): readonly number[] {
  return Array.from({ length: bytes.length / 4 }, (_, i) => networkNumber(bytes.subarray(i * 4, i * 4 + 4)));
}

function nameKeys(key: string, value: Uint8Array): readonly RuleKey[] {
  if (key !== 'iifname' && key !== 'oifname') return [];
  const name = nameOf(value);
  return name?.whole ? [{ dimension: key === 'iifname' ? 'in' : 'out', value: name.text }] : [];
}
