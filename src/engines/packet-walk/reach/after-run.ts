import type { Address } from '#facts/address.ts';
import type { Undecidable } from '#facts/packet-walk.ts';
import type { Connection, End, Packet } from '../packet.ts';
import type { SeenMachine } from './seen-machine.ts';
import { type Cursor, isReversed, type Plain, type PlainConnection, plainKeys, SeenPacket } from './seen-packet.ts';
import { type Change, type Ends, seen } from './side.ts';
import { gapKey, plainConnection, plainOf, type State, type States } from './state.ts';
import { Unsupported } from './unsupported.ts';

/** The state of a class after a run over one of its pairs: everything but ends and interfaces. Its own packet is as it was again. */
export function stateAfter(
  state: State,
  machine: SeenMachine,
  { own, cursor }: { readonly own: Packet; readonly cursor: Cursor },
  states: States,
): State {
  const { packet, questions, met, changedSets, conntrackIsOff, isForMany } = machine;
  if (machine.frame !== null) throw new Unsupported('bridged frames');
  const looked = seen.bits;
  const written = packet === own ? writtenTo(own, state.plain) : null;
  const connection = packet === own ? cursor.whole : packet.connection;
  const newConnection = connection === null || sameFields(connection, state.connection) ? null : connection;
  const known = changedSets === state.changedSets && conntrackIsOff === state.conntrackIsOff && isForMany === state.isForMany;
  const quiet = questions.length === 0 && met.length === 0 && known;
  let after = state;
  if (!quiet || written === null || written.length > 0 || newConnection !== null) {
    const make = (): State =>
      made(
        state,
        machine,
        written?.length === 0 ? state.plain : plainOf(packet),
        newConnection === null ? null : plainConnection(newConnection),
        states,
      );
    after = quiet && written !== null ? states.onward(state, stepKey(written, own, newConnection), make) : make();
  }
  for (const key of written ?? []) restore(own, key, state.plain);
  seen.bits = looked;
  return after;
}

function made(state: State, machine: SeenMachine, plain: Plain, connection: PlainConnection | null, states: States): State {
  const { questions, given, met, changedSets, conntrackIsOff, isForMany } = machine;
  const keyed = questions.flatMap(({ key }, i) => (key === null ? [] : [[key, given[i] as number] as const]));
  const asked = questions.flatMap(({ gap }) => (gap === null ? [] : [gap]));
  return states.with(state, {
    plain,
    connection: connection ?? state.connection,
    changedSets,
    conntrackIsOff,
    isForMany,
    answers: keyed.length === 0 ? state.answers : new Map([...state.answers, ...keyed]),
    gaps: withGaps(state.gaps, met),
    asked: withGaps(state.asked, asked),
  });
}

/** The fields that are not what they were. */
function writtenTo(packet: Packet, plain: Plain): readonly (keyof Plain)[] {
  const all = plainKeys(plain);
  return all.every((key) => packet[key] === plain[key]) ? [] : all.filter((key) => packet[key] !== plain[key]);
}

function restore<K extends keyof Plain>(packet: Pick<Plain, K>, key: K, plain: Plain): void {
  packet[key] = plain[key];
}

function stepKey(written: readonly (keyof Plain)[], packet: Packet, connection: Connection | null): string {
  const fields = written.map((key) => `${key} ${JSON.stringify(packet[key])}`).join();
  return connection === null ? fields : `${fields} ${JSON.stringify(plainConnection(connection))}`;
}

/** What of the items changed. Values that are taken over from an end count as looked at. */
export function changesOf(machine: SeenMachine, cursor: Cursor, ends: Ends): { readonly x: Change | null; readonly y: Change | null } {
  const { packet } = machine;
  const { x, y, isRequest } = cursor;
  const replies = packet.leg === 'reply';
  const copied = !((packet as object) instanceof SeenPacket);
  const before = seen.bits;
  const [source, destination] = [packet.source, packet.destination];
  const [inInterface, outInterface] = [packet.inInterface, packet.outInterface];
  const whole = copied ? packet.connection : cursor.whole;
  seen.bits = before;
  if (inInterface === undefined || outInterface === undefined) throw new Unsupported('a packet was copied');
  const [own, other] = replies ? [destination, source] : [source, destination];
  const changes: Record<'x' | 'y', Loose | null> = { x: null, y: null };
  const note = (side: 'x' | 'y', name: string, value: Loose[string]): void => {
    changes[side] ??= {};
    (changes[side] as Loose)[name] = value;
  };
  const end = (side: 'x' | 'y', name: string, now: End, then: End): void => {
    if (now !== then) note(side, name, ends.idOf(now));
  };
  end('x', 'end', own, x.end);
  end('y', 'end', other, y.end);
  if (whole !== null) {
    const reversed = isReversed(packet.leg, packet.direction);
    const [from, to] = reversed ? [y, x] : [x, y];
    const [fromSide, toSide] = reversed ? (['y', 'x'] as const) : (['x', 'y'] as const);
    end(fromSide, 'original', whole.original.source, from.original);
    end(toSide, 'original', whole.original.destination, to.original);
    end(fromSide, 'translated', whole.translated.source, from.translated);
    end(toSide, 'translated', whole.translated.destination, to.translated);
  }
  if (copied || cursor.wroteIn) note(replies ? 'y' : 'x', 'in', inInterface);
  if (copied || cursor.wroteOut) note(replies ? 'x' : 'y', 'out', outInterface);
  if (machine.wroteRouted) note(isRequest ? 'y' : 'x', 'routed', machine.routedTo);
  if (machine.wroteGateway) note(isRequest ? 'y' : 'x', 'gateway', plainAddress(machine.nextHop));
  return changes;
}

type Loose = Record<string, number | string | Address | null>;

/** Those of routes are plain; a packet's own would have to count as looked at. */
function plainAddress(address: Address | null): Address | null {
  return address === null ? null : { family: address.family, words: address.words };
}

function sameFields(a: Connection, b: object): boolean {
  for (const key of Object.keys(b)) if (a[key as keyof Connection] !== b[key as keyof object]) return false;
  return true;
}

function withGaps(known: ReadonlyMap<string, Undecidable>, more: readonly Undecidable[]): ReadonlyMap<string, Undecidable> {
  return more.length === 0 ? known : new Map([...known, ...more.map((gap) => [gapKey(gap), gap] as const)]);
}
