/**
 * Text from a file, fit for a message: control characters, bidirectional overrides and broken bytes as `\xHH` or `\u{H}`, cut to `length`
 * characters with `...`.
 */
export function shown(text: string, length = 60): string {
  const head = text.length > length ? text.slice(0, length) : text;
  let result = '';
  for (const character of head) result += isUnsafe(character) ? escaped(character) : character;
  return text.length > length ? `${result}...` : result;
}

const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u{fffd}]/u;

function isUnsafe(character: string): boolean {
  return unsafe.test(character);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) as number;
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
