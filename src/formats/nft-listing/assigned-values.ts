import type { NftRegister } from '#facts/nft.ts';
import { isObject, objectOf } from '../json-fields.ts';
import { type DataType, widthOf } from './data-types.ts';
import { checkRegisters, wholeField } from './fields.ts';
import { loadLookupKey } from './lookups.ts';
import { notCompiled } from './not-compiled.ts';
import { fieldOf, isLoadable } from './operands.ts';
import type { RuleState } from './rule-state.ts';
import { bytesOfValue } from './values.ts';

/** Puts the value of an assignment into register `at`: a constant, another field, or what a map holds. */
export function assign(rule: RuleState, type: DataType, value: unknown, at: NftRegister = 0): void {
  checkRegisters(at, widthOf(type));
  if (isObject(value) && 'map' in value) return assignFromMap(rule, [type], value['map'], at);
  if (!isLoadable(value)) {
    rule.out.push({ kind: 'immediate', to: at, value: bytesOfValue(type, value) });
    return;
  }
  const field = wholeField(fieldOf(value, rule.scope.family));
  if (field.width !== widthOf(type) || field.type.order !== type.order) notCompiled('a value of another width or byte order');
  field.require(rule);
  rule.out.push(...field.load(at));
}

/** `{"key": ..., "data": "@NAME"}`; the types of the data are those of the map, or `types` for one that stands in the rule. */
export function assignFromMap(rule: RuleState, types: readonly DataType[] | null, map: unknown, at: NftRegister): void {
  const { key, data } = objectOf(map);
  const found = loadLookupKey(rule, key, data, { map: 'data', data: types }, at);
  const width = found.data?.reduce((sum, type) => sum + widthOf(type), 0);
  if (types !== null && width !== types.reduce((sum, type) => sum + widthOf(type), 0))
    notCompiled(`map '${found.name}' holds data of another width`);
  rule.out.push({ kind: 'lookup', set: found.name, from: at, to: at, negated: false });
}
