import type { Exploration } from '../machine.ts';
import type { Model } from '../model.ts';
import type { Packet } from '../packet.ts';
import { changesOf, stateAfter } from './after-run.ts';
import type { SideName } from './relation.ts';
import { SeenMachine } from './seen-machine.ts';
import { Cursor, seenPacket } from './seen-packet.ts';
import { type Change, type Ends, type Item, seen } from './side.ts';
import type { State, States } from './state.ts';
import type { Spot, Work } from './unit.ts';
import { Unsupported } from './unsupported.ts';

/** One way that a run can end. */
export interface Branch<R> {
  /** The same for the same result and state. */
  readonly head: string;
  readonly result: R;
  readonly state: State;
  readonly x: Change | null;
  readonly y: Change | null;
}

export interface Run<R> {
  readonly branches: readonly Branch<R>[];
  /** What was looked at, as bits of slots of both sides. */
  readonly seen: number;
  readonly asked: boolean;
}

const maxAnswers = 512;

/** Runs units over single packets, and says what changed. */
export class Runner {
  readonly machine: SeenMachine;
  readonly #states: States;
  readonly #ends: Ends;
  readonly #packets = new Map<number, Standing>();
  #cursor: Cursor | null = null;
  #moving: SideName = 'x';

  constructor(model: Model, exploration: Exploration, states: States, ends: Ends) {
    this.machine = new SeenMachine(model, exploration, {} as Packet);
    this.#states = states;
    this.#ends = ends;
  }

  run<R>(work: Work<R>, state: State, { x, y }: { readonly x: Item; readonly y: Item }, spot: Spot): Run<R> {
    const branches: Branch<R>[] = [];
    let bits = 0;
    let asked = false;
    for (let script: readonly number[] | null = []; script !== null; ) {
      const branch = this.#once(work, state, { x, y }, spot, script);
      bits |= seen.bits;
      branches.push(branch);
      const { questions, given } = this.machine;
      if (questions.length === 0) break;
      asked = true;
      if (branches.length > maxAnswers) throw new Unsupported('too many answers');
      script = nextScript(
        questions.map(({ probabilities }) => probabilities),
        given,
      );
    }
    return { branches, seen: bits, asked };
  }

  /** For the runs of `quick` that follow, of which one side stays the same. */
  prepare(state: State, spot: Spot, fixed: SideName, item: Item): void {
    this.#stand(state, spot).stand(item, item);
    this.machine.script = [];
    this.#moving = fixed === 'x' ? 'y' : 'x';
  }

  /** A run of a unit that writes nothing; undefined: it asked, and has to be run as a whole. `seen` tells what it looked at. */
  quick<R>(work: Work<R>, item: Item): R | undefined {
    const { machine } = this;
    const cursor = this.#cursor as Cursor;
    if (this.#moving === 'x') cursor.standX(item);
    else cursor.standY(item);
    const leaving = cursor.isRequest ? cursor.y : cursor.x;
    machine.routedTo = leaving.routed;
    machine.nextHop = leaving.gateway;
    machine.verdict = null;
    seen.bits = 0;
    const result = work.run(machine);
    if (machine.questions.length === 0 && machine.met.length === 0) return result;
    machine.questions.length = 0;
    machine.given.length = 0;
    machine.met = [];
    return undefined;
  }

  #stand(state: State, spot: Spot): Cursor {
    const { machine } = this;
    const { packet, cursor } = this.#packetOf(state);
    this.#cursor = cursor;
    machine.packet = packet;
    machine.leavingBy = cursor.isRequest ? 'y' : 'x';
    machine.program = spot.program;
    machine.chain = spot.chain;
    machine.position = spot.position;
    machine.questions.length = 0;
    machine.given.length = 0;
    machine.known = state.answers;
    machine.changedSets = state.changedSets;
    machine.conntrackIsOff = state.conntrackIsOff;
    machine.isForMany = state.isForMany;
    machine.frame = null;
    machine.askedBy = null;
    machine.met = [];
    machine.verdict = null;
    return cursor;
  }

  #once<R>(
    work: Work<R>,
    state: State,
    { x, y }: { readonly x: Item; readonly y: Item },
    spot: Spot,
    script: readonly number[],
  ): Branch<R> {
    const { machine } = this;
    const cursor = this.#stand(state, spot);
    cursor.stand(x, y);
    const leaving = cursor.isRequest ? y : x;
    machine.routedTo = leaving.routed;
    machine.nextHop = leaving.gateway;
    machine.wroteRouted = false;
    machine.wroteGateway = false;
    machine.script = script;
    seen.bits = 0;
    try {
      return this.#branchOf(work, work.run(machine), state, cursor);
    } catch (error) {
      // It may have written to the packet.
      this.#packets.delete(state.id);
      throw error;
    }
  }

  #packetOf(state: State): Standing {
    let found = this.#packets.get(state.id);
    if (found === undefined) {
      const cursor = new Cursor(state.plain, state.connection);
      found = { packet: seenPacket(state.plain, cursor), cursor };
      this.#packets.set(state.id, found);
    }
    return found;
  }

  #branchOf<R>(work: Work<R>, result: R, state: State, cursor: Cursor): Branch<R> {
    const { machine } = this;
    const own = (this.#packets.get(state.id) as Standing).packet;
    const key = work.keyOf(result);
    const quiet = machine.questions.length === 0 && machine.met.length === 0;
    if (!work.writes && quiet && machine.packet === own) return { head: `${key}`, result, state, x: null, y: null };
    const { x, y } = changesOf(machine, cursor, this.#ends);
    const after = stateAfter(state, machine, { own, cursor }, this.#states);
    if (machine.packet !== own) this.#packets.delete(state.id);
    return { head: `${key}|${after.id}`, result, state: after, x, y };
  }
}

/** A packet of a state, to be filled with the ends of any pair. */
interface Standing {
  readonly packet: Packet;
  readonly cursor: Cursor;
}

/** What tells a branch from others but for what it does to one side, or to both. */
export function headOf({ head, x, y }: Branch<unknown>, but: SideName | 'both'): string {
  if (x === null && y === null) return head;
  if (but === 'both') return `${head}|`;
  const [own, other] = but === 'x' ? [x, y] : [y, x];
  return `${head}|${own === null ? '' : 'moves'}|${other === null ? '' : JSON.stringify(other)}`;
}

/** The next answers in order; null after the last. */
function nextScript(all: readonly (readonly (number | null)[])[], given: readonly number[]): readonly number[] | null {
  for (let i = given.length - 1; i >= 0; i--) {
    const probabilities = all[i] as readonly (number | null)[];
    for (let answer = (given[i] as number) + 1; answer < probabilities.length; answer++)
      if (probabilities[answer] !== 0) return [...given.slice(0, i), answer];
  }
  return null;
}
