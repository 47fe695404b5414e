import { merged, type Rect, type Relation } from './relation.ts';
import type { State } from './state.ts';

/** Pairs that are in one state. */
export interface PairClass {
  readonly state: State;
  readonly pairs: Relation;
}

/** Classes that have come to one place: those of the same state become one. */
export class Gathering {
  readonly #byState = new Map<number, { readonly state: State; pairs: Relation; parts: number }>();

  add({ state, pairs }: PairClass): void {
    if (pairs.length === 0) return;
    const known = this.#byState.get(state.id);
    if (known === undefined) this.#byState.set(state.id, { state, pairs, parts: 1 });
    else this.#addTo(known, pairs);
  }

  #addTo(known: { pairs: Relation; parts: number }, pairs: Relation): void {
    // A list of its own grows in place.
    if (known.parts++ === 1) known.pairs = [...known.pairs];
    (known.pairs as Rect[]).push(...pairs);
  }

  addAll(classes: Iterable<PairClass>): void {
    for (const each of classes) this.add(each);
  }

  get isEmpty(): boolean {
    return this.#byState.size === 0;
  }

  /** What is here, and nothing is left. */
  take(): readonly PairClass[] {
    const all = [...this.#byState.values()].map(({ state, pairs, parts }) => ({ state, pairs: parts === 1 ? pairs : merged(pairs) }));
    this.#byState.clear();
    return all;
  }
}
