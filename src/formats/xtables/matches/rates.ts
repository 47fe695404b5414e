import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { option, when } from '../words.ts';
import { stateDependent } from './chance.ts';

const units = [
  { name: 'day', seconds: 86_400n },
  { name: 'hour', seconds: 3600n },
  { name: 'min', seconds: 60n },
  { name: 'sec', seconds: 1n },
] as const;

/**
 * A rate as iptables words it: the kernel keeps the time between two packets, in parts of a second; the smallest unit counts that
 * still gives a number without much of a rest.
 */
function rateText(period: bigint, scale: bigint): string {
  if (period === 0n) return 'inf';
  let chosen = 0;
  for (let next = 1; next < units.length; next++) {
    const unit = (units[next]?.seconds ?? 1n) * scale;
    if (period > unit || unit / period < unit % period) break;
    chosen = next;
  }
  const unit = units[chosen] as (typeof units)[number];
  return `${(unit.seconds * scale) / period}/${unit.name}`;
}

const defaultBurst = 5n;

const limit: MatchModule = {
  size: 40,
  matches: stateDependent('limit'),
  words: (blob) =>
    option('--limit', rateText(BigInt(blob.u32(0)), 10_000n)) + when(BigInt(blob.u32(4)) !== defaultBurst, '--limit-burst', blob.u32(4)),
};

/** Where revisions of struct xt_hashlimit_mtinfo keep what (hashlimit_cfg1 to 3). */
interface Layout {
  readonly size: number;
  readonly nameLength: number;
  /** Offset of `mode`; size, max, gc_interval and expire follow. */
  readonly mode: number;
  readonly average: (blob: Blob) => bigint;
  readonly burst: (blob: Blob) => bigint;
  readonly masks: number;
  readonly interval: number | null;
  readonly scale: bigint;
}

const layouts: Readonly<Record<1 | 2 | 3, Layout>> = {
  1: {
    size: 56,
    nameLength: 16,
    mode: 16,
    average: (blob) => BigInt(blob.u32(20)),
    burst: (blob) => BigInt(blob.u32(24)),
    masks: 44,
    interval: null,
    scale: 10_000n,
  },
  2: {
    size: 304,
    nameLength: 255,
    mode: 272,
    average: (blob) => blob.u64(256),
    burst: (blob) => blob.u64(264),
    masks: 292,
    interval: null,
    scale: 1_000_000n,
  },
  3: {
    size: 312,
    nameLength: 255,
    mode: 272,
    average: (blob) => blob.u64(256),
    burst: (blob) => blob.u64(264),
    masks: 296,
    interval: 292,
    scale: 1_000_000n,
  },
};

const flag = { inverted: 16, bytes: 32, rateMatch: 64 } as const;
const modeNames = [
  { bit: 4, name: 'srcip' },
  { bit: 8, name: 'srcport' },
  { bit: 1, name: 'dstip' },
  { bit: 2, name: 'dstport' },
];

const byteUnits = [
  { name: 'mb', size: 1024n * 1024n },
  { name: 'kb', size: 1024n },
  { name: 'b', size: 1n },
];
const mostCost = 0xffff_ffffn;
const costOf = (bytes: bigint): bigint => mostCost / ((bytes >> 4n) + 1n);

/** The kernel counts bytes in steps of sixteen and keeps the cost of one; a larger unit stands where it loses nothing. */
function byteRate(cost: bigint, burst: bigint): string {
  const bytes = cost === 0n ? mostCost << 4n : (mostCost / cost - 1n) << 4n;
  const exact = byteUnits.find(({ size }) => bytes >= size && costOf(bytes - (bytes % size)) === cost) ?? { name: 'b', size: 1n };
  const rate = ` ${bytes / exact.size}${exact.name}/s`;
  if (burst === 0n) return rate;
  const most = bytes * burst;
  const unit = byteUnits.find(({ size }) => most >= size) ?? { name: 'b', size: 1n };
  return `${rate}${option('--hashlimit-burst', `${most / unit.size}${unit.name}`)}`;
}

function hashlimitWords(blob: Blob, revision: 1 | 2 | 3, family: 'ip' | 'ip6'): string {
  const { mode: at, nameLength, average, burst, masks, interval, scale } = layouts[revision];
  const mode = blob.u32(at);
  const inBytes = (mode & flag.bytes) !== 0;
  const rate = inBytes
    ? byteRate(average(blob), burst(blob))
    : ` ${rateText(average(blob), scale)}${option('--hashlimit-burst', burst(blob))}`;
  const keys = modeNames.filter(({ bit }) => (mode & bit) !== 0).map(({ name }) => name);
  const width = family === 'ip' ? 32 : 128;
  const number = (name: string, value: number, otherThan: number): string => when(value !== otherThan, name, value);
  const expire = inBytes ? (burst(blob) === 0n ? 15_000 : 60_000) : unitOf(average(blob), scale);
  return [
    option((mode & flag.inverted) !== 0 ? '--hashlimit-above' : '--hashlimit-upto') + rate,
    when(keys.length > 0, '--hashlimit-mode', keys.join(',')),
    option('--hashlimit-name', blob.text(0, nameLength)),
    number('--hashlimit-htable-size', blob.u32(at + 4), 0),
    number('--hashlimit-htable-max', blob.u32(at + 8), 0),
    number('--hashlimit-htable-gcinterval', blob.u32(at + 12), 1000),
    // Unless told otherwise as long as a unit of the rate lasts.
    number('--hashlimit-htable-expire', blob.u32(at + 16), expire),
    number('--hashlimit-srcmask', blob.u8(masks), width),
    number('--hashlimit-dstmask', blob.u8(masks + 1), width),
    when((mode & flag.rateMatch) !== 0, '--hashlimit-rate-match'),
    interval !== null && (mode & flag.rateMatch) !== 0 ? number('--hashlimit-rate-interval', blob.u32(interval), 1) : '',
  ].join('');
}

/** Milliseconds of the unit that words a rate. */
function unitOf(period: bigint, scale: bigint): number {
  const unit = rateText(period, scale).split('/')[1];
  return Number(units.find(({ name }) => name === unit)?.seconds ?? 1n) * 1000;
}

const hashlimit = (revision: 1 | 2 | 3): MatchModule => ({
  size: layouts[revision].size,
  matches: stateDependent('hashlimit'),
  words: (blob, { family }) => hashlimitWords(blob, revision, family),
});

export const rateModules: Modules<MatchModule> = {
  'limit/0': limit,
  'hashlimit/1': hashlimit(1),
  'hashlimit/2': hashlimit(2),
  'hashlimit/3': hashlimit(3),
};
