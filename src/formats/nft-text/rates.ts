import { notCompiled } from '../nft-listing/not-compiled.ts';
import { shown } from '../shown.ts';
import type { Words } from './words.ts';

const units = ['bytes', 'kbytes', 'mbytes', 'gbytes', 'string'];

/** `rate over 10 kbytes/second burst 5 kbytes`. */
export function parseLimit(words: Words): Readonly<Record<string, unknown>> {
  words.expect('rate');
  const inv = words.took('over');
  const rate = parseRate(words);
  const burst = words.took('burst') ? parseAmount(words) : null;
  const isPackets = rate.unit === null;
  return {
    rate: rate.number,
    per: rate.per,
    burst: burst?.number ?? (isPackets ? 5 : 0),
    ...(inv && { inv }),
    ...(!isPackets && { rate_unit: rate.unit, burst_unit: burst?.unit ?? 'bytes' }),
  };
}

/** `10/second`, `10 kbytes/second`. */
function parseRate(words: Words): { readonly number: number; readonly unit: string | null; readonly per: string } {
  const first = words.take();
  const packets = /^(\d{1,15})\/([a-z]+)$/.exec(first);
  if (packets !== null) return { number: Number(packets[1]), unit: null, per: packets[2] as string };
  const second = words.take();
  const bytes = /^([kmg]?bytes)\/([a-z]+)$/.exec(second);
  if (bytes === null || !/^\d{1,15}$/.test(first)) return notCompiled(`rate '${shown(`${first} ${second}`)}'`);
  return { number: Number(first), unit: bytes[1] as string, per: bytes[2] as string };
}

function parseAmount(words: Words): { readonly number: number; readonly unit: string } {
  const number = words.number();
  const unit = words.take();
  return units.includes(unit) || unit === 'packets' ? { number, unit } : notCompiled(`unit '${shown(unit)}'`);
}

/** `over 25 mbytes used 1 mbytes`. */
export function parseQuota(words: Words): Readonly<Record<string, unknown>> {
  const inv = words.took('over');
  if (!inv) words.took('until');
  const { number, unit } = parseAmount(words);
  if (words.took('used')) parseAmount(words);
  return { val: number, val_unit: unit, ...(inv && { inv }) };
}
