const unsafe = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/**
 * Text of a log, a rule or a bundle as it may be printed: control characters (C0, DEL, C1), line separators, lone surrogates,
 * bidirectional overrides (Unicode UAX #9) and invisible characters become visible escapes, so that no text can move the cursor,
 * recolour the terminal or reorder what stands around it. Bytes that were not UTF-8 are U+FFFD already and stay so.
 */
export function printable(text: string): string {
  return text.replace(unsafe, escaped);
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0) as number;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
