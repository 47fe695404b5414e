import { type Relation, merged } from './relation.ts';
import type { State } from './state.ts';

/** Pairs that are in one state. */
export interface PairClass {
  readonly state: State;
  readonly pairs: Relation;
}

/** Classes that have come to one place: those of the same state become one. */
export class Gathering {
  readonly #byState = new Map<number, { readonly state: State; pairs: Relation }>();

  add({ state, pairs }: PairClass): void {
    if (pairs.length === 0) return;
    const known = this.#byState.get(state.id);
    if (known === undefined) this.#byState.set(state.id, { state, pairs });
    else known.pairs = [...known.pairs, ...pairs];
  }

  addAll(classes: Iterable<PairClass>): void {
    for (const each of classes) this.add(each);
  }

  get isEmpty(): boolean {
    return this.#byState.size === 0;
  }

  /** What is here, and nothing is left. */
  take(): readonly PairClass[] {
    const all = [...this.#byState.values()].map(({ state, pairs }) => ({ state, pairs: merged(pairs) }));
    this.#byState.clear();
    return all;
  }
}
