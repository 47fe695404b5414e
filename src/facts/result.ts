/** An expected failure, as data: what was found where, and what had been expected. Never thrown. */
export interface Problem {
  /** Stable kebab-case code, for example `rules-file-truncated`. */
  readonly code: string;
  /** File, command or setting that was read. */
  readonly source: string;
  /** 1-based line in `source`, where there is one. */
  readonly line?: number;
  readonly found: string;
  readonly expected: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failed(problem: Problem): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem };
}

/** One line for a person: `FILE:LINE: found X, expected Y`. */
export function describeProblem(problem: Problem): string {
  const place = problem.line === undefined ? problem.source : `${problem.source}:${problem.line}`;
  return `${place}: found ${problem.found}, expected ${problem.expected}`;
}

/**
 * Something that a snapshot may or may not hold. "Read and empty" and "could not be read" are different answers:
 * the first is a fact, the second makes whatever depends on it undecided.
 */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T; readonly source: string }
  | { readonly kind: 'missing'; readonly because: string; readonly source: string };

export function read<T>(value: T, source: string): Reading<T> {
  return { kind: 'read', value, source };
}

export function missing(source: string, because: string): { readonly kind: 'missing'; readonly because: string; readonly source: string } {
  return { kind: 'missing', because, source };
}
