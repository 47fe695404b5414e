import { merged, type Rect, type Relation } from './relation.ts';
import type { State } from './state.ts';

/** Pairs that are in one state. */
export interface PairClass {
  readonly state: State;
  readonly pairs: Relation;
}

interface Sum {
  readonly state: State;
  pairs: Relation;
  parts: number;
}

/** Classes that have come to one place: those of the same state become one. Mostly one comes, or none. */
export class Gathering {
  #only: PairClass | null = null;
  #byState: Map<number, Sum> | null = null;

  add(each: PairClass): void {
    if (each.pairs.length === 0) return;
    if (this.#byState !== null) return this.#addTo(this.#byState, each);
    if (this.#only === null) {
      this.#only = each;
      return;
    }
    this.#byState = new Map();
    this.#addTo(this.#byState, this.#only);
    this.#addTo(this.#byState, each);
    this.#only = null;
  }

  #addTo(all: Map<number, Sum>, { state, pairs }: PairClass): void {
    const known = all.get(state.id);
    if (known === undefined) {
      all.set(state.id, { state, pairs, parts: 1 });
      return;
    }
    // A list of its own grows in place.
    if (known.parts++ === 1) known.pairs = [...known.pairs];
    for (const rect of pairs) (known.pairs as Rect[]).push(rect);
  }

  addAll(classes: Iterable<PairClass>): void {
    for (const each of classes) this.add(each);
  }

  /** What is here, and nothing is left. */
  take(): readonly PairClass[] {
    const [only, byState] = [this.#only, this.#byState];
    this.#only = null;
    this.#byState = null;
    if (only !== null) return [only];
    if (byState === null) return nobody;
    return [...byState.values()].map(({ state, pairs, parts }) => ({ state, pairs: parts === 1 ? pairs : merged(pairs) }));
  }
}

const nobody: readonly PairClass[] = [];
