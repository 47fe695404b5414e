import type { NftExpression } from '#facts/nft.ts';
import { numberOf } from '../json-fields.ts';
import { bytesOf } from './bytes.ts';
import type { Field } from './fields.ts';
import { notCompiled } from './not-compiled.ts';
import { describe, numberOfValue } from './values.ts';

/** `field & 0xff`, `field | 1`, `field ^ 1`, `field << 8`: as nft joins a chain of them into one (x & mask) ^ xor. */
export function withConstant(field: Field, operation: string, constant: unknown): Field {
  if (field.mask !== null) return notCompiled(`'${operation}' of a field inside a byte`);
  if (field.type.order === 'text') return notCompiled(`'${operation}' of a name`);
  if (operation === '<<' || operation === '>>') return shifted(field, operation, constant);
  const value = numberOfValue(field.type, constant);
  const before = field.load(0).at(-1);
  const joined = before?.kind === 'bitwise';
  const all = (1n << BigInt(field.width * 8)) - 1n;
  const order = field.type.order;
  const old = joined ? { mask: numberIn(before.mask, order), xor: numberIn(before.xor, order) } : { mask: all, xor: 0n };
  const next = combined(old, operation, value);
  const load = (to: number): readonly NftExpression[] => {
    const loads = field.load(to);
    const mask = bytesOf(next.mask & all, field.width, order === 'host' ? 'host' : 'network');
    const xor = bytesOf(next.xor & all, field.width, order === 'host' ? 'host' : 'network');
    return [...(joined ? loads.slice(0, -1) : loads), { kind: 'bitwise', from: to, to, length: field.width, mask, xor }];
  };
  return { ...field, load, place: null };
}

function numberIn(bytes: Uint8Array, order: Field['type']['order']): bigint {
  return (order === 'host' ? bytes.toReversed() : bytes).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function combined({ mask, xor }: { mask: bigint; xor: bigint }, operation: string, value: bigint): { mask: bigint; xor: bigint } {
  if (operation === '&') return { mask: mask & value, xor: xor & value };
  if (operation === '^') return { mask, xor: xor ^ value };
  return { mask: mask & ~value, xor: (xor & ~value) | value };
}

function shifted(field: Field, operation: '<<' | '>>', constant: unknown): Field {
  const bits = numberOf(constant);
  if (bits === null || !Number.isInteger(bits) || bits < 0 || bits > 31) return notCompiled(`shift by ${describe(constant)}`);
  if (field.width !== 4 || field.type.order !== 'host') return notCompiled('shift of a number in network order');
  const direction = operation === '<<' ? 'left' : 'right';
  const load = (to: number): readonly NftExpression[] => [
    ...field.load(to),
    { kind: 'shift', direction, from: to, to, length: field.width, bits },
  ];
  return { ...field, load, place: null };
}
