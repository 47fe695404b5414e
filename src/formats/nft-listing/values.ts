import { parseAddress } from '#facts/address.ts';
import { isObject, listOf, numberOf, objectOf, textOf } from '../json-fields.ts';
import { shown } from '../shown.ts';
import { bytesOf, numberOfBytes } from './bytes.ts';
import { type DataType, widthOf } from './data-types.ts';
import { notCompiled } from './not-compiled.ts';

/** A value or, where `last` is not null, all from `first` to `last`. */
export interface Bounds {
  readonly first: Uint8Array;
  readonly last: Uint8Array | null;
}

/** The bytes of one value in the order that a register has them. */
export function bytesOfValue(type: DataType, value: unknown): Uint8Array {
  if (type.order === 'text') return bytesOfText(type, wordIn(value));
  if (type.name === 'ipv4_addr' || type.name === 'ipv6_addr') return bytesOfAddress(type, value);
  return bytesOf(numberOfValue(type, value), widthOf(type), type.order);
}

/** Values, prefixes, ranges and names that end in `*`. `order`: interval sets hold numbers of the host in network order. */
export function boundsOf(type: DataType, value: unknown, order: DataType['order'] = type.order): Bounds {
  const { prefix, range } = objectOf(value);
  if (prefix !== undefined) return boundsOfPrefix(type, objectOf(prefix));
  const encode = (each: unknown): Uint8Array => inOrder(bytesOfValue(type, each), type, order);
  if (range !== undefined) {
    const [first, last] = listOf(range);
    return { first: encode(first), last: encode(last) };
  }
  const stem = type.order === 'text' ? stemOf(value) : null;
  if (stem === null) return { first: encode(value), last: null };
  const first = bytesOfText(type, stem);
  return { first, last: first.map((byte, i) => (i < encoder.encode(stem).length ? byte : 0xff)) };
}

function inOrder(bytes: Uint8Array, type: DataType, order: DataType['order']): Uint8Array {
  return order === type.order ? bytes : bytes.toReversed();
}

/** `eth*` as `eth`; null where the name does not end in a star, or in `\*`, which is the star itself. */
export function stemOf(value: unknown): string | null {
  const text = textOf(value);
  if (text === null || !text.endsWith('*') || text.endsWith('\\*')) return null;
  return text.slice(0, -1);
}

const encoder = new TextEncoder();

function wordIn(value: unknown): string {
  const word = textOf(value);
  if (word === null) return notCompiled(`a name, not ${describe(value)}`);
  return word.endsWith('\\*') ? `${word.slice(0, -2)}*` : word;
}

function bytesOfText(type: DataType, text: string): Uint8Array {
  const bytes = new Uint8Array(widthOf(type));
  const encoded = encoder.encode(text);
  if (encoded.length >= bytes.length || encoded.length === 0) return notCompiled(`name '${shown(text)}'`);
  if (type.name === 'interface' && /^\d+$/.test(text)) return notCompiled(`interface number ${text}`);
  bytes.set(encoded);
  return bytes;
}

function bytesOfAddress(type: DataType, value: unknown): Uint8Array {
  const text = textOf(value) ?? '';
  const address = parseAddress(text);
  if (address === null || (address.family === 'ip') !== (type.name === 'ipv4_addr')) return notCompiled(`address ${describe(value)}`);
  const bytes = new Uint8Array(widthOf(type));
  for (const [i, word] of address.words.entries()) bytes.set(bytesOf(BigInt(word), 4, 'network'), i * 4);
  return bytes;
}

function boundsOfPrefix(type: DataType, prefix: Readonly<Record<string, unknown>>): Bounds {
  const length = numberOf(prefix['len']);
  const first = bytesOfValue(type, prefix['addr']);
  if (length === null || length < 0 || length > type.bits || type.order !== 'network') return notCompiled('prefix');
  return { first: masked(first, length, 0), last: masked(first, length, 0xff) };
}

/** The bytes with all bits after `length` as in `rest`. */
export function masked(bytes: Uint8Array, length: number, rest: 0 | 0xff): Uint8Array {
  return bytes.map((byte, i) => {
    const keep = Math.min(8, Math.max(0, length - i * 8));
    const mask = (0xff00 >> keep) & 0xff;
    return (byte & mask) | (rest & ~mask & 0xff);
  });
}

/** The number that a value stands for: a number, a word of the type, flags joined by `,` or `|`. */
export function numberOfValue(type: DataType, value: unknown): bigint {
  const number = plainNumber(type, value);
  if (number < 0n || number >> BigInt(type.bits) !== 0n) return notCompiled(`${describe(value)} as ${type.name}`);
  return number;
}

function plainNumber(type: DataType, value: unknown): bigint {
  const parts = Array.isArray(value) ? value : isObject(value) ? listOf(value['|']) : null;
  if (parts !== null) return parts.length === 0 ? notCompiled(describe(value)) : anyOf(type, parts);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return ofNumber(type, BigInt(value));
  if (typeof value === 'boolean') return type.name === 'boolean' ? BigInt(value) : notCompiled(describe(value));
  const text = textOf(value);
  return text === null ? notCompiled(`value ${describe(value)}`) : ofText(type, text);
}

function anyOf(type: DataType, parts: readonly unknown[]): bigint {
  return parts.reduce<bigint>((bits, part) => bits | plainNumber(type, part), 0n);
}

function ofText(type: DataType, text: string): bigint {
  if (type.name === 'ipv4_addr' || type.name === 'ipv6_addr') return numberOfBytes(bytesOfAddress(type, text), 'network');
  const word = type.word(text);
  if (word !== null) return BigInt(word);
  if (/^(0x[0-9a-f]{1,32}|\d{1,39})$/i.test(text)) return ofNumber(type, BigInt(text));
  if (type.name === 'ether_addr' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return BigInt(`0x${text.replaceAll(':', '')}`);
  // Traffic control's handles, in hexadecimal: `1:2`, `1:`, `:2`.
  const handle = type.name === 'classid' ? /^([0-9a-f]{0,4}):([0-9a-f]{0,4})$/i.exec(text) : null;
  if (handle !== null) return BigInt(Number.parseInt(handle[1] || '0', 16) * 65536 + Number.parseInt(handle[2] || '0', 16));
  const seconds = type.name === 'ct_expiration' ? secondsOf(text) : null;
  if (seconds !== null) return BigInt(Math.round(seconds * 1000));
  return notCompiled(`'${shown(text)}' as ${type.name}`);
}

function ofNumber(type: DataType, number: bigint): bigint {
  if (type.name === 'ct_label') return number < 128n ? 1n << number : notCompiled(`label ${number}`);
  return type.name === 'ct_expiration' ? number * 1000n : number;
}

const secondsPer: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 };

/** `1h30m`, `2s664ms`, as nft prints durations; null for other text. */
export function secondsOf(text: string): number | null {
  if (!/^(\d{1,12}(ms|[wdhms]))+$/.test(text)) return null;
  let seconds = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)(ms|[wdhms])/g)) seconds += Number(digits) * (secondsPer[unit as string] as number);
  return seconds;
}

/** A value for a message: nested ones only by their kind, since their text may be as long as the listing. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${shown(value)}'`;
  if (isObject(value)) return `{ ${shown(Object.keys(value).join(', '))} }`;
  return Array.isArray(value) ? 'a list' : String(value);
}
