import { type Bits, firstOf, forEachBit, isEmpty, none, oneBit, withBit, without } from './bits.ts';
import { BySide } from './by-side.ts';
import type { PairClass } from './classes.ts';
import { Moves } from './moves.ts';
import { otherSide, type Rect, type Relation, restrict, type SideName, unionOf } from './relation.ts';
import { type Branch, headOf, type Run, type Runner } from './run-unit.ts';
import { type Item, type Side, seen } from './side.ts';
import type { State, States } from './state.ts';
import { type Constant, placeOf, type Spot, type Unit, type Work } from './unit.ts';

/** A part of a class for which a unit has one result. */
export interface Outcome<R> extends PairClass {
  readonly result: R;
}

/** Runs units over classes of pairs: once where nothing differs that the unit looks at, else for each member of a side, else for each pair. */
export class Evaluator {
  readonly #sides: Readonly<Record<SideName, Side>>;
  readonly #runner: Runner;
  readonly #states: States;
  readonly #moves: Moves;
  readonly #bySide: BySide;

  constructor(sides: Readonly<Record<SideName, Side>>, runner: Runner, states: States) {
    this.#sides = sides;
    this.#runner = runner;
    this.#states = states;
    this.#moves = new Moves(sides, states);
    this.#bySide = new BySide(sides, runner, this.#moves);
  }

  evaluate<R>(unit: Unit<R>, each: PairClass, spot: Spot): readonly Outcome<R>[] {
    const { state, pairs } = each;
    if (!state.reordered) return this.#evaluate(unit, each, spot);
    // No rule knows in which order hooks run: what was learned in the first order holds in the others.
    const first = this.#states.inOrder(state, false);
    return this.#evaluate(unit, { state: first, pairs }, spot).map((outcome) => ({
      result: outcome.result,
      pairs: outcome.pairs,
      state: this.#states.inOrder(outcome.state, true),
    }));
  }

  #evaluate<R>(unit: Unit<R>, { state, pairs }: PairClass, spot: Spot): readonly Outcome<R>[] {
    const [first] = pairs;
    if (first === undefined) return [];
    const { work } = unit;
    if (work.exactly !== undefined && state.plain.family === 'ip') return this.#exactly(work.exactly, state, pairs);
    const place = placeOf(state, spot);
    const constant = unit.constantAt(place);
    if (constant !== undefined) return outcomesOf(constant, pairs);
    const at = { x: firstOf(first.x), y: firstOf(first.y) };
    const { seen: looked, asked, branches } = this.#once(work, state, at, spot);
    const stays = branches.every(({ x, y }) => x === null && y === null);
    if (looked === 0 && !asked && stays) unit.keepConstant(place, branches);
    const side = this.#differing(looked, 'x', pairs, at) ? 'x' : this.#differing(looked, 'y', pairs, at) ? 'y' : null;
    if (side === null) return stays ? outcomesOf(branches, pairs) : branches.flatMap((branch) => this.#everywhere(branch, pairs));
    const found: Outcome<R>[] = [];
    let open = this.#bySide.run(unit, state, { side, pairs, spot }, found);
    if (open.length > 0) open = this.#bySide.run(unit, state, { side: otherSide(side), pairs: open, spot }, found);
    if (open.length > 0) this.#byPair(work, state, open, spot, found);
    return found;
  }

  #differing(looked: number, side: SideName, pairs: Relation, at: Readonly<Record<SideName, number>>): boolean {
    return looked !== 0 && this.#bySide.differing(looked, side, unionOf(pairs, side), at[side]);
  }

  /** Without a run: items are known by their addresses. */
  #exactly<R>({ end, word, yes, no }: NonNullable<Work<R>['exactly']>, state: State, pairs: Relation): readonly Outcome<R>[] {
    const side = (end === 'source') === (state.plain.leg === 'request') ? 'x' : 'y';
    const members = unionOf(pairs, side);
    const own = this.#sides[side].withAddress(word, members);
    if (own === none) return [{ result: no, state, pairs }];
    const others = without(members, own);
    if (isEmpty(others)) return [{ result: yes, state, pairs }];
    return [
      { result: yes, state, pairs: restrict(pairs, side, own) },
      { result: no, state, pairs: restrict(pairs, side, others) },
    ];
  }

  /** A run over one pair. */
  #once<R>(work: Work<R>, state: State, at: Readonly<Record<SideName, number>>, spot: Spot): Run<R> {
    const ends = { x: this.#sides.x.items[at.x] as Item, y: this.#sides.y.items[at.y] as Item };
    if (!work.writes) {
      this.#runner.prepare(state, spot, 'x', ends.x);
      const result = this.#runner.quick(work, ends.y);
      if (result !== undefined) return { seen: seen.bits, asked: false, branches: [{ head: '', result, state, x: null, y: null }] };
    }
    return this.#runner.run(work, state, ends, spot);
  }

  /** One result for all pairs. */
  #everywhere<R>({ result, state, x, y }: Branch<R>, pairs: Relation): readonly Outcome<R>[] {
    if (x === null && y === null) return [{ result, state, pairs }];
    const moved = this.#moves.changed(this.#moves.changed(pairs, 'x', x), 'y', y);
    return [...this.#moves.byPattern({ result, state, pairs: moved })];
  }

  #byPair<R>(work: Work<R>, state: State, pairs: Relation, spot: Spot, found: Outcome<R>[]): void {
    const all = new Map<string, { readonly branch: Branch<R>; readonly rows: Map<number, Bits> }>();
    for (const { x, y } of pairs)
      forEachBit(x, (row) =>
        forEachBit(y, (column) => {
          for (const branch of this.#once(work, state, { x: row, y: column }, spot).branches) {
            const key = `${work.keyOf(branch.result)} ${headOf(branch, 'both')}`;
            let group = all.get(key);
            if (group === undefined) {
              group = { branch, rows: new Map() };
              all.set(key, group);
            }
            const xId = this.#moves.becomes('x', row, branch.x);
            group.rows.set(xId, withBit(group.rows.get(xId) ?? none, this.#moves.becomes('y', column, branch.y)));
          }
        }),
      );
    for (const { branch, rows } of all.values()) {
      const rects: Rect[] = [...rows].map(([row, y]) => ({ x: oneBit(row), y }));
      found.push(...this.#moves.byPattern({ result: branch.result, state: branch.state, pairs: rects }));
    }
  }
}

function outcomesOf<R>(constant: Constant<R>, pairs: Relation): readonly Outcome<R>[] {
  const [first] = constant;
  if (constant.length === 1 && first !== undefined) return [{ result: first.result, state: first.state, pairs }];
  return constant.map(({ result, state }) => ({ result, state, pairs }));
}
