import type { NftCompare, NftExpression, NftRegister } from '#facts/nft.ts';

/**
 * Expressions that thousands of rules have alike (a protocol, a port, a load of an address) are one object, so that the rules of a large
 * listing fit in memory. There are few of them: loads, and comparisons of up to two bytes.
 */
const loads = new Map<string, NftExpression>();
const comparisons = new Map<number, Extract<NftExpression, { kind: 'compare' }>>();
const operators: readonly NftCompare[] = ['eq', 'neq', 'lt', 'lte', 'gt', 'gte'];

export function sharedLoad(load: NftExpression): NftExpression {
  if (load.kind !== 'payload' && load.kind !== 'meta') return load;
  const key = load.kind === 'meta' ? `${load.key} ${load.to}` : `${load.base} ${load.offset} ${load.length} ${load.to}`;
  const found = loads.get(key);
  // Raw payload has any number of places.
  if (found === undefined && loads.size < 4096) loads.set(key, load);
  return found ?? load;
}

export function compare(op: NftCompare, from: NftRegister, value: Uint8Array): Extract<NftExpression, { kind: 'compare' }> {
  if (value.length > 2 || from > 15) return { kind: 'compare', op, from, value };
  const bytes = value.length === 2 ? 256 + (value[0] as number) * 256 + (value[1] as number) : (value[0] as number);
  const key = (bytes * operators.length + operators.indexOf(op)) * 16 + from;
  const found = comparisons.get(key);
  if (found !== undefined) return found;
  const made = { kind: 'compare', op, from, value } as const;
  comparisons.set(key, made);
  return made;
}
