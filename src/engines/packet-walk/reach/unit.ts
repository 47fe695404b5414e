import type { Hook } from '#facts/rule.ts';
import type { WalkChain } from '../chain.ts';
import type { HookProgram } from '../hook-program.ts';
import { type Bits, none } from './bits.ts';
import type { SideName } from './relation.ts';
import type { Branch } from './run-unit.ts';
import type { SeenMachine } from './seen-machine.ts';
import type { State } from './state.ts';

/** Something that is run over one packet: an operation, a rule, a step of the kernel. */
export interface Work<R> {
  readonly run: (machine: SeenMachine) => R;
  /** It may change the packet. */
  readonly writes: boolean;
  /** Equal for results that are the same. */
  readonly keyOf: (result: R) => string | number;
  /** It asks nothing but whether an address is this one. */
  readonly exactly?: { readonly end: 'source' | 'destination'; readonly word: number; readonly yes: R; readonly no: R } | undefined;
}

/** What a run that looks at nothing in which pairs may differ has told: so it ends for all of them. */
export type Constant<R> = readonly { readonly result: R; readonly state: State }[];

/** Members of one side whose runs, whatever the other side, ended alike. */
export interface Group<R> {
  readonly branches: readonly Branch<R>[];
  members: Bits;
  /** For each branch, what its members become, by their number; null: what they were. */
  readonly become: (number[] | null)[];
}

/** What is known of a unit in one state about members of one side. */
export interface Memory<R> {
  known: Bits;
  /** Members whose runs looked at the other side, where that differs. */
  open: Bits;
  readonly groups: Map<string, Group<R>>;
}

/** Work, and what one run over classes has learned of it. Most is met once or twice and always ends alike: that must cost little. */
export class Unit<R> {
  readonly work: Work<R>;
  /** By side: slots of the other side that runs have looked at. */
  readonly looked: Record<SideName, number> = { x: 0, y: 0 };
  #memories: Map<string, Memory<R>> | null = null;
  #place = -1;
  #constant: Constant<R> | null = null;
  #others: Map<number, Constant<R>> | null = null;

  constructor(work: Work<R>) {
    this.work = work;
  }

  /** At a place: a state and a hook. */
  constantAt(place: number): Constant<R> | undefined {
    if (this.#place === place) return this.#constant as Constant<R>;
    return this.#others?.get(place);
  }

  keepConstant(place: number, constant: Constant<R>): void {
    if (this.#constant === null) {
      this.#place = place;
      this.#constant = constant;
      return;
    }
    this.#others ??= new Map();
    this.#others.set(place, constant);
  }

  memoryOf(key: string): Memory<R> {
    this.#memories ??= new Map();
    let memory = this.#memories.get(key);
    if (memory === undefined) {
      memory = emptyMemory();
      this.#memories.set(key, memory);
    }
    return memory;
  }
}

export const emptyMemory = <R>(): Memory<R> => ({ known: none, open: none, groups: new Map() });

/** Where a run takes place. */
export interface Spot {
  readonly program: HookProgram | null;
  readonly chain: WalkChain | null;
  readonly position: number;
}
export const hookOf = ({ program }: Spot): Hook | '' => program?.hook ?? '';

const hooks: readonly (Hook | '')[] = ['', 'prerouting', 'input', 'forward', 'output', 'postrouting'];
export const placeOf = (state: State, spot: Spot): number => state.id * hooks.length + hooks.indexOf(hookOf(spot));
