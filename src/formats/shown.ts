import { printable } from '#facts/printable.ts';

/** What a message says was found in a file: its words, or that there are none. U+FFFD stands for bytes that were not UTF-8. */
export function foundText(text: string, length = 60): string {
  const head = text.slice(0, length);
  return /[\0\ufffd]/.test(head) ? 'bytes that are no text' : shown(text, length);
}

/** Text from a file, fit for a message: printable, and cut to `length` characters with `...`. */
export function shown(text: string, length = 60): string {
  return text.length > length ? `${printable(text.slice(0, length))}...` : printable(text);
}
