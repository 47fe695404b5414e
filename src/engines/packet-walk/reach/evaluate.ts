import type { Hook } from '#facts/rule.ts';
import { addTo, and, type Bits, copyOf, firstOf, forEachBit, isEmpty, isWithin, none, oneBit, withBit, without } from './bits.ts';
import type { PairClass } from './classes.ts';
import { distributed, mapped, type Rect, type Relation, restrict, type SideName, unionOf } from './relation.ts';
import { type Branch, hookOf, type Run, type Runner, type Spot, type Unit } from './run-unit.ts';
import { allSlots, type Change, type Item, type Side, seen, shiftOf, slots } from './side.ts';
import type { State, States } from './state.ts';

/** A part of a class for which a unit has one result. */
export interface Outcome<R> extends PairClass {
  readonly result: R;
}

/** Members of one side whose runs, whatever the other side, ended alike. */
interface Group<R> {
  readonly branches: readonly Branch<R>[];
  members: Bits;
  /** For each branch, what its members become; null: what they were. */
  readonly become: (Map<number, number> | null)[];
}

/** What is known of a unit in one state about members of one side. */
interface Memory<R> {
  known: Bits;
  /** Members whose runs looked at the other side, where that differs. */
  open: Bits;
  readonly groups: Map<string, Group<R>>;
}

/** What is known of a unit. */
interface Memo {
  /** By state and hook: its run where that looks at nothing in which pairs may differ. */
  readonly constants: Map<number, { run: Run<unknown> | null }>;
  readonly memories: Map<string, Memory<unknown>>;
  /** Slots of the other side that runs have looked at. */
  readonly looked: Record<SideName, number>;
}

const hooks: readonly (Hook | '')[] = ['', 'prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Runs units over classes of pairs: once where nothing differs that the unit looks at, else for each member of a side, else for each pair. */
export class Evaluator {
  readonly #sides: Readonly<Record<SideName, Side>>;
  readonly #runner: Runner;
  readonly #states: States;
  readonly #memos = new Map<object, Memo>();

  constructor(sides: Readonly<Record<SideName, Side>>, runner: Runner, states: States) {
    this.#sides = sides;
    this.#runner = runner;
    this.#states = states;
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
    const first = pairs[0];
    if (first === undefined) return [];
    if (unit.exactly !== undefined && state.plain.family === 'ip') return this.#exactly(unit.exactly, state, pairs);
    const constant = this.#constant<R>(unit, state, spot);
    if (constant.run !== null) return constant.run.branches.map(({ result, state: after }) => ({ result, state: after, pairs }));
    const at = { x: firstOf(first.x), y: firstOf(first.y) };
    const run = this.#run(unit, state, at, spot);
    if (run.seen === 0 && !run.asked && run.branches.every(({ x, y }) => x === null && y === null)) constant.run = run;
    const members = { x: unionOf(pairs, 'x'), y: unionOf(pairs, 'y') };
    const differing = { x: this.#differing(run.seen, 'x', members.x, at.x), y: this.#differing(run.seen, 'y', members.y, at.y) };
    if (!differing.x && !differing.y) return run.branches.flatMap((branch) => this.#everywhere(branch, pairs));
    const side = differing.x ? 'x' : 'y';
    const found: Outcome<R>[] = [];
    let open = this.#bySide(unit, state, { side, pairs, spot }, found);
    if (open.length > 0) open = this.#bySide(unit, state, { side: side === 'x' ? 'y' : 'x', pairs: open, spot }, found);
    if (open.length > 0) this.#byPair(unit, state, open, spot, found);
    return found;
  }

  /** Without a run: items are known by their addresses. */
  #exactly<R>({ end, word, yes, no }: NonNullable<Unit<R>['exactly']>, state: State, pairs: Relation): readonly Outcome<R>[] {
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

  /** The run of a unit that looks at nothing in which pairs of a state may differ. */
  #constant<R>(unit: object, state: State, spot: Spot): { run: Run<R> | null } {
    const { constants } = this.#memo(unit);
    const key = state.id * 8 + hooks.indexOf(hookOf(spot));
    let found = constants.get(key);
    if (found === undefined) {
      found = { run: null };
      constants.set(key, found);
    }
    return found as { run: Run<R> | null };
  }

  #memo(unit: object): Memo {
    let memo = this.#memos.get(unit);
    if (memo === undefined) {
      memo = { constants: new Map(), memories: new Map(), looked: { x: 0, y: 0 } };
      this.#memos.set(unit, memo);
    }
    return memo;
  }

  #run<R>(unit: Unit<R>, state: State, at: Readonly<Record<SideName, number>>, spot: Spot): Run<R> {
    const ends = { x: this.#sides.x.items[at.x] as Item, y: this.#sides.y.items[at.y] as Item };
    return this.#runner.run(unit, state, ends, spot);
  }

  /** Whether a run looked at something in which the members differ. */
  #differing(looked: number, side: SideName, members: Bits, first: number): boolean {
    const own = (looked >>> shiftOf(side)) & allSlots;
    return own !== 0 && slots.some((slot) => (own & slot) !== 0 && this.#sides[side].common(members, first, slot) < 0);
  }

  /** One result for all pairs. */
  #everywhere<R>(branch: Branch<R>, pairs: Relation): readonly Outcome<R>[] {
    const { result, state, x, y } = branch;
    if (x === null && y === null) return [{ result, state, pairs }];
    const moved = (change: Change | null, side: SideName, of: Relation): Relation =>
      change === null ? of : mapped(of, side, (members) => this.#derived(members, change, this.#sides[side]));
    return this.#byPattern({ result, state, pairs: moved(y, 'y', moved(x, 'x', pairs)) });
  }

  #derived(members: Bits, change: Change, side: Side): Bits {
    let found = none;
    forEachBit(members, (member) => {
      found = withBit(found, side.derive(side.items[member] as Item, change).id);
    });
    return found;
  }

  /** Runs for each member of a side; gives back the pairs of those whose runs looked at the other side too. */
  #bySide<R>(
    unit: Unit<R>,
    state: State,
    { side, pairs, spot }: { readonly side: SideName; readonly pairs: Relation; readonly spot: Spot },
    found: Outcome<R>[],
  ): Relation {
    const other = side === 'x' ? 'y' : 'x';
    const members = unionOf(pairs, side);
    const others = unionOf(pairs, other);
    const partner = firstOf(others);
    let memory = this.#memory(unit, state, { side, others, partner, spot });
    for (let missing = without(members, memory.known); !isEmpty(missing); missing = without(members, memory.known)) {
      const looked = this.#lookedOf(unit)[side];
      const self = memory;
      const keep = !this.#learn(unit, state, { side, missing, others, partner, spot }, self);
      if (!keep || this.#lookedOf(unit)[side] !== looked) memory = this.#memory(unit, state, { side, others, partner, spot });
      if (!keep) return this.#bySideAnew(unit, state, { side, pairs, spot }, self, found);
    }
    this.#outcomesOf(memory, members, side, pairs, found);
    return restrict(pairs, side, and(members, memory.open));
  }

  /** Results that must not be kept: a rule asked something that belongs to it alone. */
  #bySideAnew<R>(
    unit: Unit<R>,
    state: State,
    { side, pairs, spot }: { readonly side: SideName; readonly pairs: Relation; readonly spot: Spot },
    kept: Memory<R>,
    found: Outcome<R>[],
  ): Relation {
    kept.known = none;
    kept.open = none;
    kept.groups.clear();
    const other = side === 'x' ? 'y' : 'x';
    const others = unionOf(pairs, other);
    const members = unionOf(pairs, side);
    const fresh: Memory<R> = { known: none, open: none, groups: new Map() };
    this.#learn(unit, state, { side, missing: members, others, partner: firstOf(others), spot }, fresh);
    this.#outcomesOf(fresh, members, side, pairs, found);
    return restrict(pairs, side, and(members, fresh.open));
  }

  #lookedOf(unit: object): Record<SideName, number> {
    return this.#memo(unit).looked;
  }

  /** What was learned holds wherever the other side looks the same in all that runs of this unit have looked at. */
  #memory<R>(
    unit: Unit<R>,
    state: State,
    { side, others, partner, spot }: { readonly side: SideName; readonly others: Bits; readonly partner: number; readonly spot: Spot },
  ): Memory<R> {
    const other = side === 'x' ? 'y' : 'x';
    const looked = this.#lookedOf(unit)[side];
    let key = `${side} ${state.id} ${hookOf(spot)}`;
    for (const slot of slots) if ((looked & slot) !== 0) key += ` ${this.#sides[other].common(others, partner, slot)}`;
    const all = this.#memo(unit).memories;
    let memory = all.get(key) as Memory<R> | undefined;
    if (memory === undefined) {
      memory = { known: none, open: none, groups: new Map() };
      all.set(key, memory as Memory<unknown>);
    }
    return memory;
  }

  /** Whether something was asked. */
  #learn<R>(
    unit: Unit<R>,
    state: State,
    at: { readonly side: SideName; readonly missing: Bits; readonly others: Bits; readonly partner: number; readonly spot: Spot },
    memory: Memory<R>,
  ): boolean {
    const { side, missing, others, partner, spot } = at;
    const other = side === 'x' ? 'y' : 'x';
    const looked = this.#lookedOf(unit);
    let asked = false;
    let left = missing;
    if (!unit.writes) left = this.#learnQuickly(unit, state, at, memory);
    forEachBit(left, (member) => {
      const run = this.#run(unit, state, side === 'x' ? { x: member, y: partner } : { x: partner, y: member }, spot);
      asked ||= run.asked;
      const beside = (run.seen >>> shiftOf(other)) & allSlots;
      if ((beside & ~looked[side]) !== 0) looked[side] |= beside;
      if (this.#differing(run.seen, other, others, partner)) memory.open = withBit(memory.open, member);
      else this.#place(memory, run, side, member);
    });
    memory.known = addTo(copyOf(memory.known), missing);
    return asked;
  }

  /** Of a unit that writes nothing; gives back the members whose runs asked something. */
  #learnQuickly<R>(
    unit: Unit<R>,
    state: State,
    at: { readonly side: SideName; readonly missing: Bits; readonly others: Bits; readonly partner: number; readonly spot: Spot },
    memory: Memory<R>,
  ): Bits {
    const { side, missing, others, partner, spot } = at;
    const other = side === 'x' ? 'y' : 'x';
    const looked = this.#lookedOf(unit);
    const items = this.#sides[side].items;
    const shift = shiftOf(other);
    const runner = this.#runner;
    runner.prepare(state, spot, other, this.#sides[other].items[partner] as Item);
    let left = none;
    let lastResult: R | undefined;
    let last: Group<R> | undefined;
    forEachBit(missing, (member) => {
      const result = runner.quick(unit, items[member] as Item);
      if (result === undefined) {
        left = withBit(left, member);
        return;
      }
      const beside = (seen.bits >>> shift) & allSlots;
      if (beside !== 0) {
        looked[side] |= beside;
        if (this.#differing(seen.bits, other, others, partner)) {
          memory.open = withBit(memory.open, member);
          return;
        }
      }
      if (result !== lastResult || last === undefined) {
        last = this.#quickGroup(memory, unit, result, state);
        lastResult = result;
      }
      last.members = withBit(last.members, member);
    });
    return left;
  }

  #quickGroup<R>(memory: Memory<R>, unit: Unit<R>, result: R, state: State): Group<R> {
    const key = `${unit.keyOf(result)}`;
    let group = memory.groups.get(key);
    if (group === undefined) {
      group = { branches: [{ key, result, state, x: null, y: null }], members: none, become: [null] };
      memory.groups.set(key, group);
    }
    return group;
  }

  #place<R>(memory: Memory<R>, { branches }: Run<R>, side: SideName, member: number): void {
    const key =
      branches.length === 1 ? keyWithout(branches[0] as Branch<R>, side) : branches.map((each) => keyWithout(each, side)).join('\n');
    let group = memory.groups.get(key);
    if (group === undefined) {
      group = { branches, members: none, become: branches.map((branch) => (branch[side] === null ? null : new Map())) };
      memory.groups.set(key, group);
    }
    group.members = withBit(group.members, member);
    const own = this.#sides[side];
    for (const [i, branch] of branches.entries()) {
      const change = branch[side];
      if (change !== null) group.become[i]?.set(member, own.derive(own.items[member] as Item, change).id);
    }
  }

  #outcomesOf<R>(memory: Memory<R>, members: Bits, side: SideName, pairs: Relation, found: Outcome<R>[]): void {
    const other = side === 'x' ? 'y' : 'x';
    const groups = [...memory.groups.values()]
      .map(({ branches, members: alike, become }) => ({ branches, become, own: and(alike, members) }))
      .filter(({ own }) => !isEmpty(own));
    const parts =
      groups.length === 1 && isWithin(members, (groups[0] as { own: Bits }).own)
        ? [pairs]
        : distributed(
            pairs,
            side,
            groups.map(({ own }) => own),
          );
    for (const [g, { branches, become }] of groups.entries()) {
      const here = parts[g] as Relation;
      for (const [i, { result, state, [other]: change }] of branches.entries()) {
        const map = become[i] ?? null;
        let moved = here;
        if (map !== null) moved = mapped(moved, side, (each) => replaced(each, map));
        if (change !== null) moved = mapped(moved, other, (each) => this.#derived(each, change, this.#sides[other]));
        const outcome = { result, state, pairs: moved };
        if (map === null && change === null) found.push(outcome);
        else found.push(...this.#byPattern(outcome));
      }
    }
  }

  #byPair<R>(unit: Unit<R>, state: State, pairs: Relation, spot: Spot, found: Outcome<R>[]): void {
    const all = new Map<string, { readonly branch: Branch<R>; readonly rows: Map<number, Bits> }>();
    for (const { x, y } of pairs)
      forEachBit(x, (row) =>
        forEachBit(y, (column) => {
          for (const branch of this.#run(unit, state, { x: row, y: column }, spot).branches) {
            const key = keyWithout(branch, 'both');
            let group = all.get(key);
            if (group === undefined) {
              group = { branch, rows: new Map() };
              all.set(key, group);
            }
            const xId = this.#becomes(branch.x, this.#sides.x, row);
            group.rows.set(xId, withBit(group.rows.get(xId) ?? none, this.#becomes(branch.y, this.#sides.y, column)));
          }
        }),
      );
    for (const { branch, rows } of all.values()) {
      const rects: Rect[] = [...rows].map(([row, y]) => ({ x: oneBit(row), y }));
      found.push(...this.#byPattern({ result: branch.result, state: branch.state, pairs: rects }));
    }
  }

  #becomes(change: Change | null, side: Side, member: number): number {
    return change === null ? member : side.derive(side.items[member] as Item, change).id;
  }

  /** Items whose ends are one and the same, or no more, are in a state of their own. */
  #byPattern<R>({ result, state, pairs }: Outcome<R>): readonly Outcome<R>[] {
    return this.#patterns(pairs, 'x').flatMap(([xPattern, some]) =>
      this.#patterns(some, 'y').map(([yPattern, own]) => ({
        result,
        state: state.xPattern === xPattern && state.yPattern === yPattern ? state : this.#states.with(state, { xPattern, yPattern }),
        pairs: own,
      })),
    );
  }

  #patterns(pairs: Relation, side: SideName): readonly (readonly [number, Relation])[] {
    const members = unionOf(pairs, side);
    const found = new Map<number, Bits>();
    const { items } = this.#sides[side];
    forEachBit(members, (member) => {
      const { pattern } = items[member] as Item;
      found.set(pattern, withBit(found.get(pattern) ?? none, member));
    });
    if (found.size === 1) return [[[...found.keys()][0] as number, pairs]];
    return [...found].map(([pattern, own]) => [pattern, restrict(pairs, side, own)] as const);
  }
}

/** What tells a branch from others but for what it does to one side, or to both. */
function keyWithout(
  { key, x, y }: { readonly key: string; readonly x: Change | null; readonly y: Change | null },
  side: SideName | 'both',
): string {
  if (x === null && y === null) return key;
  const head = key.slice(0, key.lastIndexOf('|'));
  const rest = side === 'both' ? '' : JSON.stringify(side === 'x' ? y : x);
  return `${head}|${side === 'both' ? '' : (side === 'x' ? x : y) === null ? '' : 'moves'}|${rest}`;
}

function replaced(members: Bits, by: ReadonlyMap<number, number>): Bits {
  let found = none;
  forEachBit(members, (member) => {
    found = withBit(found, by.get(member) ?? member);
  });
  return found;
}
