import { printable } from '#facts/printable.ts';

/** Text from a file, fit for a message: printable, and cut to `length` characters with `...`. */
export function shown(text: string, length = 60): string {
  return text.length > length ? `${printable(text.slice(0, length))}...` : printable(text);
}
