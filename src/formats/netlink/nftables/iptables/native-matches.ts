import type { NftExpression } from '#facts/nft.ts';
import { type Comparison, negation } from './comparison.ts';
import { type MatchPart, not } from './parts.ts';

/** `-m mark`: a number in the host's order. */
export function markPart(comparison: Comparison, littleEndian: boolean): MatchPart | null {
  const { load, mask, test } = comparison;
  if (load.kind !== 'meta' || load.key !== 'mark' || test.kind !== 'compare' || test.value.length !== 4) return null;
  const negated = negation(test.op);
  if (negated === null) return null;
  const value = hostNumber(test.value, littleEndian);
  const bits = mask === null ? 0xffffffff : hostNumber(mask, littleEndian);
  const text = `-m mark ${not(negated)}--mark ${hex(value)}${bits === 0xffffffff ? '' : `/${hex(bits)}`}`;
  return { text, matches: [{ kind: 'mark', of: 'packet', value, mask: bits, negated }] };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

export function hostNumber(bytes: Uint8Array, littleEndian: boolean): number {
  let value = 0;
  for (let i = 0; i < bytes.length; i++) value = value * 256 + (bytes[littleEndian ? bytes.length - 1 - i : i] as number);
  return value;
}

/** XT_LIMIT_SCALE: a packet's price is counted in this part of a second. */
const scale = 10_000;
const units = [
  ['day', 86_400 * scale],
  ['hour', 3_600 * scale],
  ['min', 60 * scale],
  ['sec', scale],
] as const;
const defaultBurst = 5;

/** `-m limit`, with the rate worded as iptables does: by the longest unit that it divides well enough. */
export function limitPart(limit: Extract<NftExpression, { kind: 'limit' }>): MatchPart | null {
  if (limit.unit !== 'packets' || limit.over || limit.rate === 0) return null;
  const period = Math.floor((limit.per * scale) / limit.rate);
  if (period === 0) return null;
  const text = `-m limit --limit ${rateText(period)}${limit.burst === defaultBurst ? '' : ` --limit-burst ${limit.burst}`}`;
  return { text, matches: [{ kind: 'state-dependent', module: 'limit', text }] };
}

function rateText(period: number): string {
  let chosen = 0;
  for (let i = 1; i < units.length; i++) {
    const [, size] = units[i] as (typeof units)[number];
    if (period > size || Math.floor(size / period) < size % period) break;
    chosen = i;
  }
  const [name, size] = units[chosen] as (typeof units)[number];
  return `${Math.floor(size / period)}/${name}`;
}
