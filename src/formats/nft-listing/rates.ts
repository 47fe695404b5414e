import type { NftExpression } from '#facts/nft.ts';
import { type JsonObject, numberOf, textOf } from '../json-fields.ts';
import { notCompiled } from './not-compiled.ts';
import { describe } from './values.ts';

const seconds: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };
const unitBytes: Readonly<Record<string, number>> = { bytes: 1, kbytes: 1024, mbytes: 1024 * 1024, gbytes: 1024 * 1024 * 1024 };

function number(value: unknown): number {
  const found = numberOf(value);
  return found !== null && found >= 0 ? found : notCompiled(`number ${describe(value)}`);
}

function scaled(value: unknown, unit: unknown): number {
  const name = textOf(unit) ?? 'bytes';
  return number(value) * ((Object.hasOwn(unitBytes, name) ? unitBytes[name] : undefined) ?? notCompiled(`unit ${describe(unit)}`));
}

/** `limit rate over 10 kbytes/second burst 5 kbytes`. Packets have no unit; their burst is 5 where nothing is said. */
export function limitExpression(value: JsonObject): Extract<NftExpression, { kind: 'limit' }> {
  const per = seconds[textOf(value['per']) ?? 'second'] ?? notCompiled(`time ${describe(value['per'])}`);
  const over = value['inv'] === true;
  if (value['rate_unit'] === undefined || value['rate_unit'] === 'packets') {
    return { kind: 'limit', rate: number(value['rate']), per, burst: number(value['burst'] ?? 5), unit: 'packets', over };
  }
  const rate = scaled(value['rate'], value['rate_unit']);
  return { kind: 'limit', rate, per, burst: scaled(value['burst'] ?? 0, value['burst_unit']), unit: 'bytes', over };
}

export function quotaExpression(value: JsonObject): Extract<NftExpression, { kind: 'quota' }> {
  return { kind: 'quota', bytes: scaled(value['val'], value['val_unit']), over: value['inv'] === true };
}

export function countExpression(value: JsonObject): Extract<NftExpression, { kind: 'connlimit' }> {
  return { kind: 'connlimit', count: number(value['val']), over: value['inv'] === true };
}
