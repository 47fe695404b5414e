import { formatAddress } from '#facts/address.ts';
import { UnreadableValue } from '../iptables-save/values.ts';
import type { Blob } from './blob.ts';
import type { XtContext } from './module.ts';

/** ` --name value`, with ` !` in front where negated. */
export function option(name: string, value?: string | number | bigint, negated = false): string {
  return `${negated ? ' !' : ''} ${name}${value === undefined ? '' : ` ${value}`}`;
}

/** ` --name` where `given`, otherwise nothing. */
export function when(given: boolean, name: string, value?: string | number | bigint): string {
  return given ? option(name, value) : '';
}

export const hex = (value: number): string => `0x${value.toString(16)}`;
export const hex2 = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;

/** `0x1/0xff`; the mask is left out where it is all ones. */
export function marked(value: number, mask: number): string {
  return mask === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

/** `5`, or `5:7`. */
export function ranged(first: number, last: number, separator = ':'): string {
  return first === last ? String(first) : `${first}${separator}${last}`;
}

/** xtables_save_string: words of letters, digits, `_` and `-` stand as they are; others in quotes, with quotes and backslashes escaped. */
export function quoted(text: string): string {
  if (/^[\w-]+$/.test(text)) return ` ${text}`;
  return ` "${text.replaceAll(/["'\\]/g, (char) => `\\${char}`)}"`;
}

/** Names of the bits that are set, lowest first; a bit without a name is not known. */
export function namesOfBits(bits: number, names: readonly string[]): readonly string[] {
  if (bits >>> 0 >= 2 ** names.length) throw new UnreadableValue(`bits '${hex(bits >>> 0)}'`);
  return names.filter((_, bit) => (bits & (1 << bit)) !== 0);
}

export function nameOf(value: number, names: readonly (string | null)[]): string {
  const name = names[value];
  if (name === undefined || name === null) throw new UnreadableValue(`value '${value}'`);
  return name;
}

export function addressText(blob: Blob, offset: number, { family }: XtContext): string {
  return formatAddress(blob.address(offset, family));
}

/** Two numbers at `at`, first and last; all of them is no condition unless inverted. */
export function numberRange(blob: Blob, at: number, name: string, inverted: boolean): string {
  const [first, last] = [blob.u32(at), blob.u32(at + 4)];
  return first === 0 && last === 0xffffffff && !inverted ? '' : option(name, ranged(first, last), inverted);
}
