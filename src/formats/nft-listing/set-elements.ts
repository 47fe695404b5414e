import type { NftElement, NftVerdict } from '#facts/nft.ts';
import { isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from '../json-fields.ts';
import { concatenated } from './bytes.ts';
import { type DataType, widthOf } from './data-types.ts';
import { notCompiled } from './not-compiled.ts';
import { type Bounds, boundsOf, describe, secondsOf, stemOf } from './values.ts';
import { verdictOf } from './verdicts.ts';

/** How the elements of a set are stored. */
export interface ElementShape {
  readonly key: readonly DataType[];
  /** For a key that is a field inside a byte: its bits as they stand in the byte. */
  readonly keyBytes: ((value: unknown) => Uint8Array) | null;
  readonly interval: boolean;
  readonly map: 'data' | 'verdict' | 'object' | null;
  readonly data: readonly DataType[] | null;
}

/** One element of `"elem": [...]` or `"set": [...]`; of a map it is a pair. */
export function elementOf(element: unknown, shape: ElementShape): NftElement {
  const [key, value] = shape.map === null ? [element, null] : pairOf(element);
  const { plain, options } = withOptions(key);
  const catchall = plain === '*';
  const bounds = catchall ? { first: new Uint8Array(0), last: null } : keyBounds(plain, shape);
  return {
    key: bounds.first,
    last: bounds.last,
    verdict: shape.map === 'verdict' ? verdictIn(value) : null,
    data: shape.map === 'data' ? dataOf(value, shape.data) : shape.map === 'object' ? nameOf(value) : null,
    expires: expiryOf(options),
    stateful: Object.keys(options).some((name) => !harmless.has(name)),
    catchall,
  };
}

function pairOf(element: unknown): readonly [unknown, unknown] {
  return Array.isArray(element) && element.length === 2 ? [element[0], element[1]] : notCompiled(`element ${describe(element)}`);
}

/** Options of an element that do not decide whether it matches. */
const harmless = new Set(['val', 'timeout', 'expires', 'comment', 'counter', 'last']);

function withOptions(key: unknown): { readonly plain: unknown; readonly options: JsonObject } {
  const options = isObject(key) ? objectOf(key['elem']) : {};
  return 'val' in options ? { plain: options['val'], options } : { plain: key, options: {} };
}

/** Seconds in JSON, durations in text; milliseconds in facts. */
function expiryOf(options: JsonObject): number | null {
  const left = options['expires'] ?? options['timeout'];
  if (left === undefined) return null;
  const seconds = numberOf(left) ?? secondsOf(textOf(left) ?? '');
  return seconds === null ? notCompiled(`time ${describe(left)}`) : Math.round(seconds * 1000);
}

function keyBounds(key: unknown, { key: types, keyBytes, interval }: ElementShape): Bounds {
  const parts = types.length === 1 ? [key] : listOf(objectOf(key)['concat']);
  if (parts.length !== types.length) return notCompiled(`key ${describe(key)}`);
  if (keyBytes !== null) return { first: keyBytes(key), last: null };
  const bounds = parts.map((part, i) => {
    const type = types[i] as DataType;
    return boundsOf(type, part, interval && type.order === 'host' ? 'network' : type.order);
  });
  // In a concatenation of intervals each element is one.
  const isRange = bounds.some(({ last }) => last !== null) || (interval && types.length > 1);
  return {
    first: concatenated(bounds.map(({ first }) => first)),
    last: isRange ? concatenated(bounds.map(({ first, last }) => last ?? first)) : null,
  };
}

/** Whether a set with such an element is one of intervals. */
export function isInterval(key: unknown): boolean {
  const { plain } = withOptions(key);
  if (!isObject(plain)) return stemOf(plain) !== null && plain !== '*';
  if (Array.isArray(plain['concat'])) return plain['concat'].some(isInterval);
  return 'prefix' in plain || 'range' in plain;
}

/** A map of objects holds their names. */
function nameOf(value: unknown): Uint8Array {
  const name = textOf(value);
  return name === null ? notCompiled(`name ${describe(value)}`) : new TextEncoder().encode(name);
}

function verdictIn(value: unknown): NftVerdict {
  return verdictOf(value) ?? notCompiled(`verdict ${describe(value)}`);
}

/** Data of a map: one value, a concatenation, or the two ends of an interval one behind the other. */
export function dataOf(value: unknown, types: readonly DataType[] | null): Uint8Array {
  if (types === null) return notCompiled('data of unknown width');
  const parts = types.length === 1 ? [value] : listOf(objectOf(value)['concat']);
  if (parts.length !== types.length) return notCompiled(`data ${describe(value)}`);
  const bounds = parts.map((part, i) => boundsOf(types[i] as DataType, part));
  const firsts = bounds.map(({ first }) => first);
  if (bounds.every(({ last }) => last === null)) return concatenated(firsts);
  if (types.length > 1) return notCompiled('a concatenation of intervals as data');
  return concatenated([...firsts, ...bounds.map(({ first, last }) => last ?? first)]);
}

export function widthsOf(types: readonly DataType[]): readonly number[] {
  return types.map(widthOf);
}
