import { statement } from './statement.ts';

/** A rule of nft's JSON in the words of `nft list ruleset`, for people; nothing reads it again. */
export function renderRule(statements: readonly unknown[], comment: string | null): string {
  const words = statements.map(statement);
  return [...words, ...(comment === null ? [] : [`comment "${comment}"`])].join(' ');
}
