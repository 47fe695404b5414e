import type { ReadRule } from '../nft-listing/listed-chain.ts';
import { NotCompiled } from '../nft-listing/not-compiled.ts';
import { parseStatement } from './statements.ts';
import { Words } from './words.ts';

/** One rule of a text listing, as the statements that `nft -j` would show. Syntax that is not known makes the rule undecided, and no other. */
export function parseRule(text: string, span: { readonly start: number; readonly end: number }): ReadRule {
  const shownText = text.slice(span.start, span.end).replaceAll(/\s+/g, ' ').trim();
  const words = new Words(text, span, parseStatement);
  const statements: unknown[] = [];
  let comment: string | null = null;
  try {
    while (!words.ended) {
      if (words.took('comment')) comment = words.take();
      else statements.push(words.statement());
    }
  } catch (error) {
    if (!(error instanceof NotCompiled)) throw error;
    return { statements: [], comment, text: shownText, problem: `syntax that is not known: ${error.message}` };
  }
  return { statements, comment, text: shownText, problem: null };
}
