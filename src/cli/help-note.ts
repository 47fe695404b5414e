import type { AddHelpTextContext } from 'commander';
import { wrap } from '#reports/wrap.ts';

/** Paragraphs below a command's options, as wide as those. */
export function helpNote(...paragraphs: readonly string[]): (context: AddHelpTextContext) => string {
  return ({ command }) => {
    const width = command.configureOutput().getOutHelpWidth?.() ?? 80;
    return paragraphs.map((text) => `\n${wrap(text, width).join('\n')}`).join('\n');
  };
}
