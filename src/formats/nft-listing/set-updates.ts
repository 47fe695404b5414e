import type { NftExpression } from '#facts/nft.ts';
import { isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from '../json-fields.ts';
import { assign } from './assigned-values.ts';
import { registersOf } from './bytes.ts';
import { type DataType, widthOf } from './data-types.ts';
import { wholeField } from './fields.ts';
import { notCompiled } from './not-compiled.ts';
import { keyOf, loadKey } from './operands.ts';
import { countExpression, limitExpression, quotaExpression } from './rates.ts';
import type { RuleState, SetHead } from './rule-state.ts';
import { describe, secondsOf } from './values.ts';

/** `update @NAME { ip saddr timeout 10s }`: `{"set": {"op": ..., "elem": ..., "set": "@NAME", "stmt": [...]}}`. */
export function compileSetUpdate(rule: RuleState, value: JsonObject): void {
  const head = headOf(rule, value['set']);
  const at = loadUpdatedKey(rule, head, value['elem']);
  rule.out.push({ ...update(value, head, at.timeout), data: null });
}

/** `update @NAME { ip saddr : 5 }`, in JSON from nft 1.0.7 on. */
export function compileMapUpdate(rule: RuleState, value: JsonObject): void {
  const head = headOf(rule, value['map']);
  const { timeout, next } = loadUpdatedKey(rule, head, value['elem']);
  const [type, ...more] = head.data ?? [];
  if (type === undefined || more.length > 0) return notCompiled(`map '${head.name}' of other data`);
  assign(rule, type, value['data'], next);
  rule.out.push({ ...update(value, head, timeout), data: next });
}

function headOf(rule: RuleState, reference: unknown): SetHead {
  const name = textOf(reference) ?? '';
  return (name.startsWith('@') ? rule.scope.set(name.slice(1)) : null) ?? notCompiled(`set ${describe(reference)}`);
}

function loadUpdatedKey(rule: RuleState, head: SetHead, given: unknown): { readonly timeout: number | null; readonly next: number } {
  const element = objectOf(objectOf(given)['elem']);
  const hasOptions = isObject(given) && 'elem' in given;
  const fields = keyOf(hasOptions ? element['val'] : given, rule.scope.family).map(wholeField);
  const types: readonly DataType[] = head.key ?? notCompiled(`set '${head.name}' with keys of unknown width`);
  if (types.length !== fields.length || types.some((type, i) => widthOf(type) !== fields[i]?.width))
    notCompiled(`set '${head.name}' has keys of another width`);
  for (const field of fields) field.require(rule);
  rule.out.push(...loadKey(fields, 0));
  // The data's register is a whole one of 128 bits behind the key.
  const words = fields.reduce((sum, field) => sum + registersOf(field.width), 0);
  return { timeout: hasOptions ? timeoutOf(element['timeout']) : null, next: Math.ceil(words / 4) * 4 };
}

function timeoutOf(value: unknown): number | null {
  if (value === undefined) return null;
  const seconds = numberOf(value) ?? secondsOf(textOf(value) ?? '');
  return seconds === null ? notCompiled(`time ${describe(value)}`) : Math.round(seconds * 1000);
}

function update(value: JsonObject, head: SetHead, timeout: number | null): Omit<Extract<NftExpression, { kind: 'dynset' }>, 'data'> {
  const op = value['op'];
  if (op !== 'add' && op !== 'update' && op !== 'delete') return notCompiled(`${describe(op)} of a set`);
  const expressions = listOf(value['stmt']).map(stateful);
  return { kind: 'dynset', op, set: head.name, key: 0, timeout, expressions, negated: false };
}

/** What runs on the element each time. */
function stateful(statement: unknown): NftExpression {
  const { counter, limit, quota, last, 'ct count': count } = objectOf(statement);
  if (isObject(limit)) return limitExpression(limit);
  if (isObject(quota)) return quotaExpression(quota);
  if (isObject(count)) return countExpression(count);
  if (last !== undefined) return { kind: 'last' };
  if (counter === undefined || textOf(counter) !== null) return notCompiled(`statement ${describe(statement)} on an element`);
  return { kind: 'counter', packets: numberOf(objectOf(counter)['packets']) ?? 0, bytes: numberOf(objectOf(counter)['bytes']) ?? 0 };
}
