import { addTo, and, type Bits, copyOf, firstOf, forEachBit, isEmpty, isWithin, none, withBit, without } from './bits.ts';
import { distributed } from './by-rows.ts';
import type { Outcome } from './evaluate.ts';
import { type Moves, replaced } from './moves.ts';
import { otherSide, type Relation, restrict, type SideName, unionOf } from './relation.ts';
import { type Branch, headOf, type Run, type Runner } from './run-unit.ts';
import { allSlots, type Item, type Side, seen, shiftOf, slots } from './side.ts';
import type { State } from './state.ts';
import { emptyMemory, type Group, hookOf, type Memory, type Spot, type Unit } from './unit.ts';

/** Runs of a unit in one state, for each member of a side with one partner of the other. */
interface Lesson<R> {
  readonly unit: Unit<R>;
  readonly state: State;
  readonly spot: Spot;
  readonly side: SideName;
  readonly others: Bits;
  readonly partner: number;
}

/** Runs units for each member of one side, and remembers how they ended. */
export class BySide {
  readonly #sides: Readonly<Record<SideName, Side>>;
  readonly #runner: Runner;
  readonly #moves: Moves;

  constructor(sides: Readonly<Record<SideName, Side>>, runner: Runner, moves: Moves) {
    this.#sides = sides;
    this.#runner = runner;
    this.#moves = moves;
  }

  /** Gives back the pairs of those members whose runs looked at the other side too. */
  run<R>(
    unit: Unit<R>,
    state: State,
    { side, pairs, spot }: { readonly side: SideName; readonly pairs: Relation; readonly spot: Spot },
    found: Outcome<R>[],
  ): Relation {
    const members = unionOf(pairs, side);
    const others = unionOf(pairs, otherSide(side));
    const memory = this.#learned({ unit, state, spot, side, others, partner: firstOf(others) }, members);
    this.#outcomesOf(memory, members, side, pairs, found);
    return restrict(pairs, side, and(members, memory.open));
  }

  /** Whether a run looked at something in which the members differ. */
  differing(looked: number, side: SideName, members: Bits, first: number): boolean {
    const own = (looked >>> shiftOf(side)) & allSlots;
    return own !== 0 && slots.some((slot) => (own & slot) !== 0 && this.#sides[side].common(members, first, slot) < 0);
  }

  #learned<R>(lesson: Lesson<R>, members: Bits): Memory<R> {
    const { unit, side } = lesson;
    let memory = this.#memory(lesson);
    for (let missing = without(members, memory.known); !isEmpty(missing); missing = without(members, memory.known)) {
      const looked = unit.looked[side];
      if (!this.#learn(lesson, missing, memory)) {
        // Results that must not be kept: a rule asked something that belongs to it alone.
        forget(memory);
        const fresh: Memory<R> = emptyMemory();
        this.#learn(lesson, members, fresh);
        return fresh;
      }
      if (unit.looked[side] !== looked) memory = this.#memory(lesson);
    }
    return memory;
  }

  /** What was learned holds wherever the other side looks the same in all that runs of this unit have looked at. */
  #memory<R>({ unit, state, spot, side, others, partner }: Lesson<R>): Memory<R> {
    const other = this.#sides[otherSide(side)];
    let key = `${side} ${state.id} ${hookOf(spot)}`;
    for (const slot of slots) if ((unit.looked[side] & slot) !== 0) key += ` ${other.common(others, partner, slot)}`;
    return unit.memoryOf(key);
  }

  /** False: something was asked. */
  #learn<R>(lesson: Lesson<R>, missing: Bits, memory: Memory<R>): boolean {
    const { unit, state, spot, side, partner } = lesson;
    let asked = false;
    const left = unit.work.writes ? missing : this.#learnQuickly(lesson, missing, memory);
    const looksBeyond = this.#beyond(lesson);
    forEachBit(left, (member) => {
      const run = this.#runner.run(unit.work, state, this.#pair(side, member, partner), spot);
      asked ||= run.asked;
      if (looksBeyond(run.seen)) memory.open = withBit(memory.open, member);
      else this.#place(memory, run, side, member);
    });
    memory.known = addTo(copyOf(memory.known), missing);
    return !asked;
  }

  /** Of a unit that writes nothing; gives back the members whose runs asked something. */
  #learnQuickly<R>(lesson: Lesson<R>, missing: Bits, memory: Memory<R>): Bits {
    const { unit, state, spot, side, partner } = lesson;
    const { work } = unit;
    const other = otherSide(side);
    const items = this.#sides[side].items;
    const runner = this.#runner;
    runner.prepare(state, spot, other, this.#sides[other].items[partner] as Item);
    const looksBeyond = this.#beyond(lesson);
    let left = none;
    let lastResult: R | undefined;
    let last: Group<R> | undefined;
    forEachBit(missing, (member) => {
      const result = runner.quick(work, items[member] as Item);
      if (result === undefined) left = withBit(left, member);
      else if (looksBeyond(seen.bits)) memory.open = withBit(memory.open, member);
      else {
        if (result !== lastResult || last === undefined) {
          last = quickGroup(memory, `${work.keyOf(result)}`, result, state);
          lastResult = result;
        }
        last.members = withBit(last.members, member);
      }
    });
    return left;
  }

  /** Whether a run looked at something in which the members of the other side differ; that it looked there is noted. */
  #beyond<R>({ unit: { looked }, side, others, partner }: Lesson<R>): (seenBits: number) => boolean {
    const other = otherSide(side);
    const shift = shiftOf(other);
    const known = new Map<number, boolean>([[0, false]]);
    return (seenBits) => {
      const beside = (seenBits >>> shift) & allSlots;
      let differs = known.get(beside);
      if (differs === undefined) {
        looked[side] |= beside;
        differs = this.differing(seenBits, other, others, partner);
        known.set(beside, differs);
      }
      return differs;
    };
  }

  #pair(side: SideName, member: number, partner: number): { readonly x: Item; readonly y: Item } {
    const { x, y } = this.#sides;
    return side === 'x'
      ? { x: x.items[member] as Item, y: y.items[partner] as Item }
      : { x: x.items[partner] as Item, y: y.items[member] as Item };
  }

  #place<R>(memory: Memory<R>, { branches }: Run<R>, side: SideName, member: number): void {
    const key = branches.length === 1 ? headOf(branches[0] as Branch<R>, side) : branches.map((each) => headOf(each, side)).join('\n');
    let group = memory.groups.get(key);
    if (group === undefined) {
      group = { branches, members: none, become: branches.map((branch) => (branch[side] === null ? null : [])) };
      memory.groups.set(key, group);
    }
    group.members = withBit(group.members, member);
    for (let i = 0; i < branches.length; i++) {
      const become = group.become[i] ?? null;
      if (become !== null) become[member] = this.#moves.becomes(side, member, (branches[i] as Branch<R>)[side]);
    }
  }

  #outcomesOf<R>(memory: Memory<R>, members: Bits, side: SideName, pairs: Relation, found: Outcome<R>[]): void {
    const groups = [...memory.groups.values()]
      .map(({ branches, members: alike, become }) => ({ branches, become, own: and(alike, members) }))
      .filter(({ own }) => own !== none);
    const all = groups.length === 1 && isWithin(members, (groups[0] as { readonly own: Bits }).own);
    const parts = all
      ? [pairs]
      : distributed(
          pairs,
          side,
          groups.map(({ own }) => own),
        );
    const other = otherSide(side);
    for (const [g, { branches, become }] of groups.entries()) {
      const here = parts[g] as Relation;
      for (const [i, { result, state, [other]: change }] of branches.entries()) {
        const by = become[i] ?? null;
        const moved = this.#moves.changed(by === null ? here : replaced(here, side, by), other, change);
        const outcome = { result, state, pairs: moved };
        if (by === null && change === null) found.push(outcome);
        else found.push(...this.#moves.byPattern(outcome));
      }
    }
  }
}

function forget<R>(memory: Memory<R>): void {
  memory.known = none;
  memory.open = none;
  memory.groups.clear();
}

function quickGroup<R>(memory: Memory<R>, key: string, result: R, state: State): Group<R> {
  let group = memory.groups.get(key);
  if (group === undefined) {
    group = { branches: [{ head: key, result, state, x: null, y: null }], members: none, become: [null] };
    memory.groups.set(key, group);
  }
  return group;
}
