import { printable } from '#facts/printable.ts';

/** Text for within a line: characters that Markdown or HTML would read as markup stand for themselves. */
export function prose(text: string): string {
  return printable(text).replace(/^[>#+-]|[\\`*_[\]<|&]/g, (character) => `\\${character}`);
}

/** A code span; its fence is longer than any run of backticks in the text. */
export function code(text: string): string {
  const shown = printable(text);
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${shown}${fence}` : `${fence} ${shown} ${fence}`;
}
