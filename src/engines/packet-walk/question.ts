import type { Undecidable } from '#facts/packet-walk.ts';

/** A question that the snapshot does not answer, with its possible answers. */
export interface Question {
  /** The same key has the same answer for the whole way. Null: chance, drawn anew each time (`statistic`, `limit`). */
  readonly key: string | null;
  /** Probability of each answer; null where nothing is known about it; 0: it cannot be. */
  readonly probabilities: readonly (number | null)[];
  /** Set where the question comes from something that we do not model or could not read. */
  readonly gap: Undecidable | null;
}

/** Yes or no, with nothing known about either. */
export const evenUnknown: readonly null[] = [null, null];
