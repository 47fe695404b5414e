import { allHave, type Bits, firstOf, forEachBit, none, shifted, withBit } from './bits.ts';
import type { PairClass } from './classes.ts';
import { mapped, type Relation, restrict, type SideName, unionOf } from './relation.ts';
import type { Change, Item, Side } from './side.ts';
import type { State, States } from './state.ts';

/** Relations whose members have become others. */
export class Moves {
  readonly #sides: Readonly<Record<SideName, Side>>;
  readonly #states: States;

  constructor(sides: Readonly<Record<SideName, Side>>, states: States) {
    this.#sides = sides;
    this.#states = states;
  }

  becomes(side: SideName, member: number, change: Change | null): number {
    const { items } = this.#sides[side];
    return change === null ? member : this.#sides[side].derive(items[member] as Item, change).id;
  }

  /** Every member of a side with one change. */
  changed(pairs: Relation, side: SideName, change: Change | null): Relation {
    if (change === null) return pairs;
    const by: number[] = [];
    forEachBit(unionOf(pairs, side), (member) => {
      by[member] = this.becomes(side, member, change);
    });
    return replaced(pairs, side, by);
  }

  /** Items whose ends are one and the same, or no more, are in a state of their own. */
  *byPattern<C extends PairClass>(found: C): Iterable<C> {
    const { state, pairs } = found;
    for (const [xPattern, some] of this.#patterns(pairs, 'x'))
      for (const [yPattern, own] of this.#patterns(some, 'y')) {
        const same = state.xPattern === xPattern && state.yPattern === yPattern;
        const make = (): State => this.#states.with(state, { xPattern, yPattern });
        yield { ...found, state: same ? state : this.#states.onward(state, `patterns ${xPattern} ${yPattern}`, make), pairs: own };
      }
  }

  #patterns(pairs: Relation, side: SideName): readonly (readonly [number, Relation])[] {
    const { patterns } = this.#sides[side];
    const members = unionOf(pairs, side);
    const first = patterns[firstOf(members)] as number;
    if (allHave(members, first, patterns)) return [[first, pairs]];
    const found = new Map<number, Bits>();
    forEachBit(members, (member) => {
      const pattern = patterns[member] as number;
      found.set(pattern, withBit(found.get(pattern) ?? none, member));
    });
    return [...found].map(([pattern, own]) => [pattern, restrict(pairs, side, own)] as const);
  }
}

/** The pairs with members of one side replaced: by which, stands in the list at their number. */
export function replaced(pairs: Relation, side: SideName, by: readonly number[]): Relation {
  const step = stepOf(unionOf(pairs, side), by);
  if (step !== null) return mapped(pairs, side, (members) => shifted(members, step));
  return mapped(pairs, side, (members) => {
    let found = none;
    forEachBit(members, (member) => {
      found = withBit(found, by[member] as number);
    });
    return found;
  });
}

/** How much later all of them come, where that is the same for all: items that are made one after another mostly are. */
function stepOf(members: Bits, by: readonly number[]): number | null {
  const first = firstOf(members);
  const step = (by[first] as number) - first;
  if (step < 0) return null;
  let same = true;
  forEachBit(members, (member) => {
    same &&= by[member] === member + step;
  });
  return same ? step : null;
}
