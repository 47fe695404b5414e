import { isObject, listOf, objectOf, textOf } from '../../json-fields.ts';

/** How nft writes values of a type: names of things in quotes, marks as eight hexadecimal digits, raw bytes as hexadecimal, times as `1m30s`. */
export interface Style {
  readonly kind: 'plain' | 'quoted' | 'mark' | 'raw' | 'time';
  /** Of each part of a concatenation. */
  readonly parts?: readonly Style[];
}

export const plain: Style = { kind: 'plain' };
const quoted: Style = { kind: 'quoted' };
const mark: Style = { kind: 'mark' };
const raw: Style = { kind: 'raw' };
const time: Style = { kind: 'time' };

const quotedKeys: ReadonlySet<string> = new Set(
  'iif oif iifname oifname ibrname obrname iifkind oifkind sdif sdifname time day hour secmark helper'.split(' '),
);

/** Of the values that an expression is compared with, or set to. */
export function styleOf(expression: unknown): Style {
  if (!isObject(expression)) return plain;
  const [[name = '', value] = []] = Object.entries(expression);
  const fields = objectOf(value);
  const key = textOf(fields['key']) ?? '';
  switch (name) {
    case 'meta':
    case 'ct':
      return key === 'mark' ? mark : key === 'expiration' ? time : quotedKeys.has(key) ? quoted : plain;
    case 'payload':
      return 'base' in fields ? raw : plain;
    case 'fib':
      return ['oif', 'oifname'].includes(textOf(fields['result']) ?? '') ? quoted : plain;
    case 'osf':
      return quoted;
    case 'concat':
      return { kind: 'plain', parts: listOf(value).map(styleOf) };
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return styleOf(listOf(value)[0]);
    default:
      return plain;
  }
}

/** A value without structure. */
export function word(given: unknown, style: Style = plain): string {
  if (given === undefined || given === null) return '';
  if (isObject(given)) return '...';
  if (typeof given === 'boolean') return given ? 'exists' : 'missing';
  if (typeof given === 'number') return numberText(given, style);
  return style.kind === 'quoted' && typeof given === 'string' && !given.startsWith('@') ? `"${given}"` : String(given);
}

function numberText(value: number, { kind }: Style): string {
  if (kind === 'mark') return `0x${value.toString(16).padStart(8, '0')}`;
  if (kind === 'raw') return `0x${value.toString(16)}`;
  return kind === 'time' ? duration(value) : String(value);
}

/** Seconds as `1h30m`. */
export function duration(seconds: number): string {
  const parts = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'm'],
    [1, 's'],
  ] as const;
  let rest = seconds;
  const text = parts.map(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return text.join('') || '0s';
}
