import type { NftExpression } from '#facts/nft.ts';
import type { Fields } from '../fields.ts';
import { objectTypes } from '../keys.ts';
import { type ExpressionDecoder, type Surroundings, unmodelled } from './decoder.ts';

/** net/netfilter/nft_limit.c: RATE 1, UNIT 2 (seconds), BURST 3, TYPE 4, FLAGS 5 (INV). */
function limit(fields: Fields): NftExpression {
  const unit = fields.has(4) ? fields.oneOf(4, ['packets', 'bytes']) : 'packets';
  const over = fields.flags(5, { 1: 'over' }).length > 0;
  return { kind: 'limit', rate: fields.u64(1), per: fields.u64(2), burst: fields.u32Or(3, 0), unit, over };
}

/** net/netfilter/nft_quota.c: BYTES 1, FLAGS 2 (INV 1, DEPLETED 2), CONSUMED 4. */
function quota(fields: Fields): NftExpression {
  return { kind: 'quota', bytes: fields.u64(1), over: fields.flags(2, { 1: 'over', 2: '' }).length > 0 };
}

/** net/netfilter/nft_connlimit.c: COUNT 1, FLAGS 2 (INV). */
function connlimit(fields: Fields): NftExpression {
  return { kind: 'connlimit', count: fields.u32(1), over: fields.flags(2, { 1: 'over' }).length > 0 };
}

/** net/netfilter/nft_objref.c: IMM_TYPE 1, IMM_NAME 2, SET_SREG 3, SET_NAME 4, SET_ID 5. */
function object(fields: Fields): NftExpression {
  if (fields.has(4)) {
    const set = fields.text(4);
    return { kind: 'object', type: 'map', name: null, text: `by map @${set}` };
  }
  const type = objectTypes[fields.u32(1)];
  const name = fields.text(2);
  if (type === undefined) return unmodelled('objref', `object '${name}' of type ${fields.u32(1)}`);
  return { kind: 'object', type, name, text: `${type} ${type.startsWith('ct ') ? 'set' : 'name'} "${name}"` };
}

/**
 * net/netfilter/nft_dynset.c: SET_NAME 1, SET_ID 2, OP 3, SREG_KEY 4, SREG_DATA 5, TIMEOUT 6, EXPR 7, FLAGS 9 (INV 1, EXPR 2), EXPRESSIONS 10.
 */
function dynset(fields: Fields, around: Surroundings): NftExpression {
  const found: Extract<NftExpression, { kind: 'dynset' }> = {
    kind: 'dynset',
    op: fields.oneOf(3, ['add', 'update', 'delete']),
    set: fields.text(1),
    key: fields.register(4),
    data: fields.registerOrNull(5),
    timeout: fields.has(6) ? fields.u64(6) || null : null,
    expressions: [],
    negated: fields.flags(9, { 1: 'inverted', 2: '' }).length > 0,
  };
  const lists = [fields.has(7) ? [fields.range(7)] : [], ranges(fields, 10)].flat();
  const nested = lists.flatMap(
    (range) => around.nested(range.start, range.end) ?? [unmodelled('dynset', 'expressions that cannot be read')],
  );
  return { ...found, expressions: nested };
}

function ranges(fields: Fields, type: number): { readonly start: number; readonly end: number }[] {
  const found: { readonly start: number; readonly end: number }[] = [];
  fields.list(type, (start, end) => found.push({ start, end }));
  return found;
}

export const states: Readonly<Record<string, ExpressionDecoder>> = {
  limit: { known: 6, decode: limit },
  quota: { known: 4, decode: quota },
  connlimit: { known: 2, decode: connlimit },
  /** net/netfilter/nft_counter.c: BYTES 1, PACKETS 2. */
  counter: { known: 3, decode: (fields) => ({ kind: 'counter', packets: fields.u64(2), bytes: fields.u64(1) }) },
  last: { known: 3, decode: () => ({ kind: 'last' }) },
  objref: { known: 5, decode: object },
  dynset: { known: 10, decode: dynset },
};
