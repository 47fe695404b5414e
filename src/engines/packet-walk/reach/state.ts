import type { Undecidable } from '#facts/packet-walk.ts';
import type { Connection, Packet } from '../packet.ts';
import type { Plain, PlainConnection } from './seen-packet.ts';

/** What all pairs of a class have in common at one place of the way. */
export interface State {
  readonly id: number;
  readonly plain: Plain;
  readonly connection: PlainConnection;
  /** Patterns of the items of both sides. */
  readonly xPattern: number;
  readonly yPattern: number;
  readonly conntrackIsOff: boolean;
  /** Sent to a broadcast or anycast address of the node, from which nobody replies. */
  readonly isForMany: boolean;
  readonly changedSets: readonly string[];
  /** Answers to questions that may be asked again, by key. */
  readonly answers: ReadonlyMap<string, number>;
  /** What could not be decided on this leg; and what was asked of that kind, which counts for both legs. */
  readonly gaps: ReadonlyMap<string, Undecidable>;
  readonly asked: ReadonlyMap<string, Undecidable>;
  /** Hooks of equal priority were taken in another order than the first. */
  readonly reordered: boolean;
}

/** The same object for equal states. */
export class States {
  readonly #byKey = new Map<string, State>();
  readonly #onward = new Map<State, Map<string, State>>();
  readonly #twins = new WeakMap<State, State>();

  of(parts: Omit<State, 'id'>): State {
    const { plain, connection, xPattern, yPattern, conntrackIsOff, isForMany, changedSets, answers, gaps, asked, reordered } = parts;
    const key = JSON.stringify([
      plain,
      [connection.destinationBound, connection.sourceBound, connection.mark, connection.zone, restOf(connection)],
      [xPattern, yPattern, conntrackIsOff, isForMany, reordered],
      changedSets,
      [...answers].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      [...gaps.keys()].toSorted(),
      [...asked.keys()].toSorted(),
    ]);
    let found = this.#byKey.get(key);
    if (found === undefined) {
      found = { ...parts, id: this.#byKey.size };
      this.#byKey.set(key, found);
    }
    return found;
  }

  /** The state with its hooks in the first order, or in another. */
  inOrder(state: State, reordered: boolean): State {
    if (state.reordered === reordered) return state;
    let twin = this.#twins.get(state);
    if (twin === undefined) {
      twin = this.of({ ...state, reordered });
      this.#twins.set(state, twin);
      this.#twins.set(twin, state);
    }
    return twin;
  }

  /** The state after a step from another: made once for each step. */
  onward(state: State, step: string, make: () => State): State {
    let steps = this.#onward.get(state);
    if (steps === undefined) {
      steps = new Map();
      this.#onward.set(state, steps);
    }
    let after = steps.get(step);
    if (after === undefined) {
      after = make();
      steps.set(step, after);
    }
    return after;
  }

  with(state: State, changes: Partial<Omit<State, 'id'>>): State {
    return this.of({ ...state, ...changes });
  }
}

/** Fields that connections may have beside the four that are named. */
function restOf({ destinationBound: _d, sourceBound: _s, mark: _m, zone: _z, ...rest }: PlainConnection): object {
  return rest;
}

export function plainOf({ source: _s, destination: _d, inInterface: _i, outInterface: _o, connection: _c, ...plain }: Packet): Plain {
  return plain;
}

export function plainConnection({ original: _o, translated: _t, ...plain }: Connection): PlainConnection {
  return plain;
}

export const gapKey = (gap: Undecidable): string => JSON.stringify(gap);
