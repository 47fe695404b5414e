import type { Address } from '#facts/address.ts';
import type { Undecidable } from '#facts/packet-walk.ts';
import type { Hook } from '#facts/rule.ts';
import type { WalkChain } from '../chain.ts';
import type { HookProgram } from '../hook-program.ts';
import type { Exploration } from '../machine.ts';
import type { Model } from '../model.ts';
import type { Connection, End, Packet } from '../packet.ts';
import type { SideName } from './relation.ts';
import { SeenMachine } from './seen-machine.ts';
import { Cursor, isReversed, plainKeys, SeenPacket, seenPacket } from './seen-packet.ts';
import { type Change, type Ends, type Item, seen } from './side.ts';
import { gapKey, plainConnection, plainOf, type State, type States } from './state.ts';
import { Unsupported } from './unsupported.ts';

/** Something that is run over one packet: an operation, a rule, a step of the kernel. */
export interface Unit<R> {
  readonly run: (machine: SeenMachine) => R;
  /** It may change the packet. */
  readonly writes: boolean;
  /** Equal for results that are the same. */
  readonly keyOf: (result: R) => string | number;
  /** It asks nothing but whether an address is this one. */
  readonly exactly?: { readonly end: 'source' | 'destination'; readonly word: number; readonly yes: R; readonly no: R };
}

/** One way that a run can end. */
export interface Branch<R> {
  readonly key: string;
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

/** Where a run takes place. */
export interface Spot {
  readonly program: HookProgram | null;
  readonly chain: WalkChain | null;
  readonly position: number;
}
export const hookOf = ({ program }: Spot): Hook | '' => program?.hook ?? '';

const maxAnswers = 512;

/** Runs units over single packets, and says what changed. */
export class Runner {
  readonly machine: SeenMachine;
  readonly #states: States;
  readonly #ends: Ends;
  readonly #packets = new Map<number, { packet: Packet; readonly cursor: Cursor }>();
  #cursor: Cursor | null = null;
  #moving: SideName = 'x';

  constructor(model: Model, exploration: Exploration, states: States, ends: Ends) {
    this.machine = new SeenMachine(model, exploration, {} as Packet);
    this.#states = states;
    this.#ends = ends;
  }

  run<R>(unit: Unit<R>, state: State, { x, y }: { readonly x: Item; readonly y: Item }, spot: Spot): Run<R> {
    const branches: Branch<R>[] = [];
    let bits = 0;
    let asked = false;
    for (let script: readonly number[] | null = []; script !== null; ) {
      const branch = this.#once(unit, state, { x, y }, spot, script);
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
  quick<R>(unit: Unit<R>, item: Item): R | undefined {
    const { machine } = this;
    const cursor = this.#cursor as Cursor;
    if (this.#moving === 'x') cursor.standX(item);
    else cursor.standY(item);
    const leaving = cursor.isRequest ? cursor.y : cursor.x;
    machine.routedTo = leaving.routed;
    machine.nextHop = leaving.gateway;
    machine.verdict = null;
    seen.bits = 0;
    const result = unit.run(machine);
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
    unit: Unit<R>,
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
    const result = unit.run(machine);
    return this.#branchOf(unit, result, state, cursor);
  }

  #packetOf(state: State): { packet: Packet; readonly cursor: Cursor } {
    let found = this.#packets.get(state.id);
    if (found === undefined) {
      const cursor = new Cursor(state.plain, state.connection);
      found = { packet: seenPacket(state.plain, cursor), cursor };
      this.#packets.set(state.id, found);
    }
    return found;
  }

  #branchOf<R>(unit: Unit<R>, result: R, state: State, cursor: Cursor): Branch<R> {
    const { machine } = this;
    const plainResult = unit.keyOf(result);
    const quiet = machine.questions.length === 0 && machine.met.length === 0;
    if (!unit.writes && quiet && machine.packet === this.#packets.get(state.id)?.packet)
      return { key: `${plainResult}`, result, state, x: null, y: null };
    const after = this.#stateAfter(state, cursor);
    const changes = this.#changesOf(cursor);
    const moved = changes.x !== null || changes.y !== null;
    const key = `${plainResult}|${after.id}|${moved ? JSON.stringify([changes.x, changes.y]) : ''}`;
    return { key, result, state: after, ...changes };
  }

  /** Everything but ends and interfaces. */
  #stateAfter(state: State, cursor: Cursor): State {
    const { machine } = this;
    const { packet } = machine;
    const looked = seen.bits;
    const own = this.#packets.get(state.id)?.packet;
    const same = packet === own && plainKeys(state.plain).every((key) => packet[key] === state.plain[key]);
    const connection = connectionAfter(packet, cursor, own === packet);
    const sameConnection = connection === null || sameFields(connection, state.connection);
    const { questions, given, met, changedSets, conntrackIsOff, isForMany } = machine;
    if (machine.frame !== null) throw new Unsupported('bridged frames');
    const untouched = changedSets === state.changedSets && conntrackIsOff === state.conntrackIsOff && isForMany === state.isForMany;
    if (same && sameConnection && questions.length === 0 && met.length === 0 && untouched) {
      seen.bits = looked;
      return state;
    }
    if (!same) this.#packets.delete(state.id);
    const keyed = questions.flatMap(({ key }, i) => (key === null ? [] : [[key, given[i] as number] as const]));
    const asked = questions.flatMap(({ gap }) => (gap === null ? [] : [gap]));
    const plain = same ? state.plain : plainOf(packet);
    seen.bits = looked;
    return this.#states.with(state, {
      plain,
      connection: connection === null || sameConnection ? state.connection : plainConnection(connection),
      changedSets,
      conntrackIsOff,
      isForMany,
      answers: keyed.length === 0 ? state.answers : new Map([...state.answers, ...keyed]),
      gaps: withGaps(state.gaps, met),
      asked: withGaps(state.asked, asked),
    });
  }

  /** What of the items changed. Values that are taken over from an end count as looked at. */
  #changesOf(cursor: Cursor): { readonly x: Change | null; readonly y: Change | null } {
    const { machine } = this;
    const { packet } = machine;
    const { x, y, isRequest } = cursor;
    const replies = packet.leg === 'reply';
    const before = seen.bits;
    const [source, destination] = [packet.source, packet.destination];
    const [inInterface, outInterface] = [packet.inInterface, packet.outInterface];
    const whole = (packet as object) instanceof SeenPacket ? cursor.whole : packet.connection;
    seen.bits = before;
    if (inInterface === undefined || outInterface === undefined) throw new Unsupported('a packet was copied');
    const [own, other] = replies ? [destination, source] : [source, destination];
    const xChange: Loose = {};
    const yChange: Loose = {};
    const end = (into: Loose, name: string, now: End, then: End): void => {
      if (now !== then) into[name] = this.#ends.idOf(now);
    };
    end(xChange, 'end', own, x.end);
    end(yChange, 'end', other, y.end);
    if (whole !== null) {
      const reversed = isReversed(packet.leg, packet.direction);
      const [from, to] = reversed ? [y, x] : [x, y];
      const [fromChange, toChange] = reversed ? [yChange, xChange] : [xChange, yChange];
      end(fromChange, 'original', whole.original.source, from.original);
      end(toChange, 'original', whole.original.destination, to.original);
      end(fromChange, 'translated', whole.translated.source, from.translated);
      end(toChange, 'translated', whole.translated.destination, to.translated);
    }
    const copied = !((packet as object) instanceof SeenPacket);
    if (copied || cursor.wroteIn) (replies ? yChange : xChange)['in'] = inInterface;
    if (copied || cursor.wroteOut) (replies ? xChange : yChange)['out'] = outInterface;
    if (machine.wroteRouted) (isRequest ? yChange : xChange)['routed'] = machine.routedTo;
    if (machine.wroteGateway) (isRequest ? yChange : xChange)['gateway'] = plainAddress(machine.nextHop);
    return { x: Object.keys(xChange).length === 0 ? null : xChange, y: Object.keys(yChange).length === 0 ? null : yChange };
  }
}

type Loose = Record<string, number | string | Address | null>;

/** Those of routes are plain; a packet's own would have to count as looked at. */
function plainAddress(address: Address | null): Address | null {
  return address === null ? null : { family: address.family, words: address.words };
}

function connectionAfter(packet: Packet, cursor: Cursor, isOwn: boolean): Connection | null {
  return isOwn ? cursor.whole : packet.connection;
}

function sameFields(a: Connection, b: object): boolean {
  return Object.entries(b).every(([key, value]) => a[key as keyof Connection] === value);
}

function withGaps(known: ReadonlyMap<string, Undecidable>, more: readonly Undecidable[]): ReadonlyMap<string, Undecidable> {
  return more.length === 0 ? known : new Map([...known, ...more.map((gap) => [gapKey(gap), gap] as const)]);
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
