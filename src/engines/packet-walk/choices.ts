import type { Undecidable } from '#facts/packet-walk.ts';

/** A question that the snapshot does not answer, with its possible answers. */
export interface Question {
  /** The same key is asked once in a run: one rule gives one answer for one packet at one hook. */
  readonly key: string;
  /** Probability of each answer; null where nothing is known about it. */
  readonly probabilities: readonly (number | null)[];
  /** Set where the question comes from something that we do not model or could not read. */
  readonly gap: Undecidable | null;
  /** The question is which backend's hook runs first: answer 0 is nft. */
  readonly aboutOrder?: boolean;
}

interface Asked {
  readonly question: Question;
  answer: number;
}

/**
 * The answers of one run through the rules. A walk runs again with other answers until all have been tried, so the
 * interpreter itself reads as if every question had one answer.
 */
export class Choices {
  readonly #asked: Asked[] = [];
  readonly #byKey = new Map<string, number>();
  #next = 0;

  ask(question: Question): number {
    const known = this.#byKey.get(question.key);
    if (known !== undefined) return known;
    let asked = this.#asked[this.#next];
    if (asked === undefined) {
      asked = { question, answer: 0 };
      this.#asked.push(asked);
    }
    this.#next++;
    this.#byKey.set(question.key, asked.answer);
    return asked.answer;
  }

  /** Of this run: the product of its answers' probabilities; null where one is unknown. */
  get probability(): number | null {
    let product = 1;
    for (const { question, answer } of this.#asked.slice(0, this.#next)) {
      const share = question.probabilities[answer] ?? null;
      if (share === null) return null;
      product *= share;
    }
    return product;
  }

  /** The order of equal hooks that this run took; null where it took none, or not the same one everywhere. */
  get order(): 'nft-first' | 'legacy-first' | null {
    const answers = new Set(this.#asked.slice(0, this.#next).flatMap(({ question, answer }) => (question.aboutOrder ? [answer] : [])));
    return answers.size !== 1 ? null : answers.has(0) ? 'nft-first' : 'legacy-first';
  }

  get gaps(): readonly Undecidable[] {
    return this.#asked.slice(0, this.#next).flatMap(({ question }) => question.gap ?? []);
  }

  /** Moves to the next set of answers, depth first; false when all have been tried. */
  advance(): boolean {
    this.#asked.length = this.#next;
    this.#next = 0;
    this.#byKey.clear();
    for (let last = this.#asked.at(-1); last !== undefined; last = this.#asked.at(-1)) {
      if (++last.answer < last.question.probabilities.length) return true;
      this.#asked.pop();
    }
    return false;
  }
}
