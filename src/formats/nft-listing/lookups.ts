import type { NftExpression, NftRegister } from '#facts/nft.ts';
import { listOf, objectOf, textOf } from '../json-fields.ts';
import { padded, registersOf } from './bytes.ts';
import { type DataType, widthOf } from './data-types.ts';
import { bytesInside, checkRegisters, type Field, maskField, wholeField } from './fields.ts';
import { notCompiled } from './not-compiled.ts';
import { keyOf } from './operands.ts';
import type { RuleState, SetHead } from './rule-state.ts';
import { type ElementShape, elementOf, isInterval, widthsOf } from './set-elements.ts';
import { describe } from './values.ts';

/** What a rule wants of a set: whether the key is in it, or what a map holds for it. */
export interface Wanted {
  readonly map: 'data' | 'verdict' | 'object' | null;
  /** Of an anonymous map. */
  readonly data: readonly DataType[] | null;
}

export interface FoundSet {
  readonly name: string;
  readonly data: readonly DataType[] | null;
}

/** Loads a key to register `at` as the set stores it. `set` is `@NAME` or `{ "set": [...] }`. */
export function loadLookupKey(rule: RuleState, keyExpression: unknown, set: unknown, wanted: Wanted, at: NftRegister = 0): FoundSet {
  const fields = keyOf(keyExpression, rule.scope.family);
  for (const field of fields) field.require(rule);
  const name = textOf(set);
  const found = name === null ? anonymous(rule, fields, set, wanted) : named(rule, fields, name, wanted);
  let register = at;
  for (const field of found.fields) {
    checkRegisters(register, field.width);
    rule.out.push(...field.load(register), ...maskField(field, register), ...swap(field, register, found.interval));
    register += registersOf(field.width);
  }
  return found;
}

/** Sets of intervals compare bytes from the first on, so that numbers in host order are turned round. */
function swap(field: Field, at: NftRegister, interval: boolean): readonly NftExpression[] {
  if (!interval || field.type.order !== 'host' || field.width === 1) return [];
  return [{ kind: 'byteorder', from: at, to: at, length: field.width, size: field.width }];
}

interface Prepared extends FoundSet {
  readonly fields: readonly Field[];
  readonly interval: boolean;
}

function named(rule: RuleState, fields: readonly Field[], reference: string, wanted: Wanted): Prepared {
  if (!reference.startsWith('@')) return notCompiled(`set ${describe(reference)}`);
  const head = rule.scope.set(reference.slice(1)) ?? notCompiled(`set ${describe(reference)}, which is not listed`);
  if (head.problem !== null) return notCompiled(`set ${describe(reference)}: ${head.problem}`);
  if (head.map !== wanted.map) return notCompiled(`${describe(reference)} is no ${wanted.map ?? 'set'}`);
  const whole = fields.map(wholeField);
  checkWidths(whole, head);
  return { name: head.name, data: head.data, fields: whole, interval: head.interval };
}

function checkWidths(fields: readonly Field[], { name, key }: SetHead): void {
  const same = key?.length === fields.length && key.every((type, i) => widthOf(type) === fields[i]?.width);
  if (!same) notCompiled(`set '${name}' has keys of another width`);
}

function anonymous(rule: RuleState, fields: readonly Field[], set: unknown, wanted: Wanted): Prepared {
  const elements = objectOf(set)['set'];
  if (!Array.isArray(elements)) return notCompiled(`set ${describe(set)}`);
  const keys = wanted.map === null ? elements : elements.map((pair) => listOf(pair)[0]);
  const interval = keys.some(isInterval);
  const [first] = fields as readonly [Field];
  const keyBytes = first.mask === null ? null : (value: unknown) => bytesInside(first, value);
  const shape: ElementShape = { key: fields.map(({ type }) => type), keyBytes, interval, map: wanted.map, data: wanted.data };
  const keyFields = fields.map(({ width }) => width);
  const name = rule.scope.addSet({
    map: wanted.map,
    interval,
    keyFields,
    dataLength: wanted.map === 'verdict' ? verdictLength : wanted.data === null ? 0 : dataLength(wanted.data),
    elements: elements.map((element) => elementOf(element, shape)),
  });
  return { name, data: wanted.data, fields, interval };
}

/** struct nft_verdict. */
export const verdictLength = 16;

export function dataLength(types: readonly DataType[]): number {
  const widths = widthsOf(types);
  return widths.length === 1 ? (widths[0] as number) : widths.reduce((sum, width) => sum + padded(width), 0);
}
