import type { NftCompare, NftExpression } from '#facts/nft.ts';
import { isObject, type JsonObject, objectOf, textOf } from '../json-fields.ts';
import { numberOfBytes } from './bytes.ts';
import { bytesInside, type Field, maskField } from './fields.ts';
import { loadLookupKey } from './lookups.ts';
import { notCompiled } from './not-compiled.ts';
import { fieldOf, flagsOf, indexField, presenceOfRoute } from './operands.ts';
import type { RuleState } from './rule-state.ts';
import { compare, sharedLoad } from './shared.ts';
import { boundsOf, bytesOfValue, describe, masked, stemOf } from './values.ts';

const comparisons: Readonly<Record<string, NftCompare>> = { '==': 'eq', '!=': 'neq', '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' };

/** `implicit`: text has no operator there; what it means depends on the field. */
type Operator = NftCompare | 'any-bit' | 'no-bit';

/** `{"op": "==", "left": ..., "right": ...}` of `nft -j`. */
export function compileMatch(rule: RuleState, match: JsonObject): void {
  const { left, right } = match;
  if (isSet(right)) return compileLookup(rule, left, right, match['op']);
  const field = comparedField(rule, left, right);
  field.require(rule);
  const operator = operatorOf(match['op'], field, left, right);
  rule.out.push(...comparison(field, operator, right));
  if (operator === 'eq') learn(rule, left, right, field);
}

function isSet(right: unknown): boolean {
  return (isObject(right) && 'set' in right) || textOf(right)?.startsWith('@') === true;
}

function compileLookup(rule: RuleState, left: unknown, right: unknown, op: unknown): void {
  if (op !== '==' && op !== '!=' && op !== 'in' && op !== 'implicit') notCompiled(`operator ${describe(op)} with a set`);
  const found = loadLookupKey(rule, left, right, { map: null, data: null });
  rule.out.push({ kind: 'lookup', set: found.name, from: 0, to: null, negated: op === '!=' });
}

/** `fib ... oif exists` asks for a route; an interface that is a number is one that has no name. */
function comparedField(rule: RuleState, left: unknown, right: unknown): Field {
  const { fib } = objectOf(left);
  const isNumber = typeof right === 'number' || /^\d+$/.test(textOf(right) ?? '');
  if (isObject(fib) && fib['result'] === 'oif' && typeof right === 'boolean') return presenceOfRoute(flagsOf(fib['flags']));
  return (isNumber ? indexField(left) : null) ?? fieldOf(left, rule.scope.family);
}

function operatorOf(op: unknown, field: Field, left: unknown, right: unknown): Operator {
  if (op === 'in') return 'any-bit';
  if (op === '!') return 'no-bit';
  if (op === 'implicit') return field.type.bitmask && isPlain(left) && !isRangeOrPrefix(right) ? 'any-bit' : 'eq';
  const text = textOf(op) ?? '';
  return (Object.hasOwn(comparisons, text) ? comparisons[text] : undefined) ?? notCompiled(`operator ${describe(op)}`);
}

function isPlain(left: unknown): boolean {
  return isObject(left) && !('&' in left || '|' in left || '^' in left);
}

function isRangeOrPrefix(right: unknown): boolean {
  return isObject(right) && ('range' in right || 'prefix' in right);
}

function comparison(field: Field, operator: Operator, right: unknown): readonly NftExpression[] {
  if (operator === 'any-bit' || operator === 'no-bit') return bitComparison(field, operator, right);
  if (isRangeOrPrefix(right) && 'prefix' in (right as object))
    return prefixComparison(field, operator, objectOf((right as JsonObject)['prefix']));
  if (isRangeOrPrefix(right)) return rangeComparison(field, operator, right as JsonObject);
  const stem = field.type.order === 'text' ? stemOf(right) : null;
  if (stem !== null) return stemComparison(field, operator, stem);
  const loads = [...field.load(0), ...maskField(field, 0)];
  const value = field.mask === null ? bytesOfValue(field.type, right) : bytesInside(field, right);
  if (operator === 'eq' || operator === 'neq') return [...loads, compare(operator, 0, value)];
  if (field.type.order === 'text') return notCompiled('order of names');
  return [...loads, ...toNetworkOrder(field), compare(operator, 0, inNetworkOrder(field, value))];
}

/** `ct state new,established`: (value & bits) != 0. */
function bitComparison(field: Field, operator: 'any-bit' | 'no-bit', right: unknown): readonly NftExpression[] {
  if (field.mask !== null || field.type.order === 'text') return notCompiled('bits of this field');
  const mask = bytesOfValue(field.type, right);
  const none = new Uint8Array(field.width);
  return [
    ...field.load(0),
    { kind: 'bitwise', from: 0, to: 0, length: field.width, mask, xor: none },
    compare(operator === 'any-bit' ? 'neq' : 'eq', 0, none),
  ];
}

function toNetworkOrder(field: Field): readonly NftExpression[] {
  if (field.type.order !== 'host' || field.width === 1) return [];
  return [{ kind: 'byteorder', from: 0, to: 0, length: field.width, size: field.width }];
}

function inNetworkOrder(field: Field, value: Uint8Array): Uint8Array {
  return field.type.order === 'host' ? value.toReversed() : value;
}

function rangeComparison(field: Field, operator: NftCompare, right: JsonObject): readonly NftExpression[] {
  const ends = Array.isArray(right['range']) ? right['range'] : [];
  if (ends.length !== 2 || field.type.order === 'text') return notCompiled(`range ${describe(right)}`);
  const [first, last] = ends.map((end) =>
    inNetworkOrder(field, field.mask === null ? bytesOfValue(field.type, end) : bytesInside(field, end)),
  );
  if (first === undefined || last === undefined) return notCompiled('range');
  const loads = [...field.load(0), ...maskField(field, 0), ...toNetworkOrder(field)];
  if (operator === 'neq') return [...loads, { kind: 'range', op: 'neq', from: 0, first, last }];
  if (operator !== 'eq') return notCompiled('order of ranges');
  return [...loads, compare('gte', 0, first), compare('lte', 0, last)];
}

/** A prefix of whole bytes is compared by its first bytes alone. */
function prefixComparison(field: Field, operator: NftCompare, prefix: JsonObject): readonly NftExpression[] {
  const { first } = boundsOf(field.type, { prefix });
  const length = Number(prefix['len']);
  if (operator !== 'eq' && operator !== 'neq') return notCompiled('order of prefixes');
  const comparedWith = (value: Uint8Array): NftExpression => compare(operator, 0, value);
  if (length > 0 && length % 8 === 0) {
    const bytes = length / 8;
    const { place } = field;
    if (place === null) return [...field.load(0), comparedWith(first.subarray(0, bytes).slice())];
    return [
      sharedLoad({ kind: 'payload', base: place.base, offset: place.offset, length: bytes, to: 0 }),
      comparedWith(first.slice(0, bytes)),
    ];
  }
  const mask = masked(new Uint8Array(field.width).fill(0xff), length, 0);
  return [
    ...field.load(0),
    { kind: 'bitwise', from: 0, to: 0, length: field.width, mask, xor: new Uint8Array(field.width) },
    comparedWith(first),
  ];
}

function stemComparison(field: Field, operator: NftCompare, stem: string): readonly NftExpression[] {
  if (operator !== 'eq' && operator !== 'neq') return notCompiled('order of names');
  const { length } = new TextEncoder().encode(stem);
  if (length === 0) return notCompiled("the name '*'");
  return [...field.load(0), compare(operator, 0, bytesOfValue(field.type, stem).slice(0, length))];
}

/** What a comparison tells about the headers that follow. */
function learn(rule: RuleState, left: unknown, right: unknown, field: Field): void {
  if (!isObject(left) || isRangeOrPrefix(right)) return;
  const { meta, payload } = left;
  const key = isObject(meta) ? `meta ${meta['key']}` : isObject(payload) ? `${payload['protocol']} ${payload['field']}` : '';
  const number = (): number => Number(numberOfBytes(bytesOfValue(field.type, right), 'network'));
  if (key === 'meta l4proto' || key === 'ip protocol' || key === 'ip6 nexthdr') rule.transport = number();
  if (key === 'meta nfproto') rule.network = number() === 2 ? 'ip' : number() === 10 ? 'ip6' : rule.network;
  if (key === 'meta protocol' && (rule.scope.family === 'bridge' || rule.scope.family === 'netdev'))
    rule.network = number() === 0x0800 ? 'ip' : number() === 0x86dd ? 'ip6' : rule.network;
}
