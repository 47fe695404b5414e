import type { WalkChain, WalkRule, WalkTable } from './chain.ts';
import { type ChainIndex, indexOf, type RuleKey, worthIndexing } from './chain-index.ts';
import { actsByMore, field, type Op } from './op.ts';
import type { Packet } from './packet.ts';

/** What a rule is to whoever compiles it: its place, and how. */
export interface RuleSource {
  readonly index: number;
  readonly line: number;
  readonly text: string;
  readonly packets: number | null;
  readonly effect: string;
  /** Left out by `--without`: it never matches. */
  readonly leftOut: boolean;
  readonly compile: () => readonly Op[];
}

export interface ChainSource {
  readonly name: string;
  readonly policy: 'accept' | 'drop' | null;
  readonly packets: number | null;
  readonly line: number;
  readonly ruleCount: number;
  readonly rule: (position: number) => RuleSource;
  readonly keys: () => readonly (readonly RuleKey[])[];
}

const never: Op = { run: () => 1, asks: false, reads: 0, markReads: 0, writes: false };

/** A chain whose rules become operations when a packet first comes to them. */
export class LazyWalkChain implements WalkChain {
  readonly name: string;
  readonly table: WalkTable;
  readonly policy: 'accept' | 'drop' | null;
  readonly packets: number | null;
  readonly line: number;
  readonly ruleCount: number;
  readonly compiled: (WalkRule | undefined)[];
  /** Until a packet comes the chain may have an index. */
  isIndexed: boolean;
  looksAtEnds = false;
  readonly #source: ChainSource;
  #index: ChainIndex | null | undefined;

  constructor(table: WalkTable, source: ChainSource) {
    this.table = table;
    this.name = source.name;
    this.policy = source.policy;
    this.packets = source.packets;
    this.line = source.line;
    this.ruleCount = source.ruleCount;
    this.isIndexed = source.ruleCount >= worthIndexing;
    this.#source = source;
    this.compiled = new Array(source.ruleCount);
  }

  nextPosition(from: number, packet: Packet): number {
    if (this.#index === undefined) {
      this.#index = indexOf(this.#source.keys());
      this.isIndexed = this.#index !== null;
      this.looksAtEnds = this.#index?.looksAtEnds ?? false;
    }
    return this.#index === null ? from : this.#index.next(from, packet);
  }

  rule(position: number): WalkRule | undefined {
    if (position >= this.ruleCount) return undefined;
    const rule = compile(this.#source.rule(position));
    this.compiled[position] = rule;
    return rule;
  }
}

function compile({ index, line, text, packets, effect, leftOut, compile: makeOps }: RuleSource): WalkRule {
  const ops = leftOut ? [never] : makeOps();
  let reads = 0;
  let markReads = 0;
  let wrote = false;
  let guarded = false;
  let guardedForSiblings = false;
  for (const op of ops) {
    reads |= op.reads;
    markReads |= op.markReads;
    guarded ||= wrote && op.asks;
    guardedForSiblings ||= wrote && (op.reads & field.tuple) !== 0;
    wrote ||= op.writes;
  }
  return {
    index,
    line,
    text,
    packets,
    ops,
    runs: ops.map(({ run }) => run),
    reads,
    markReads,
    guarded,
    guardedForSiblings,
    isOpen: ops[0] !== undefined && actsByMore(ops[0]),
    sends: ops.slice(0, -1).every(({ isTest }) => isTest) ? (ops.at(-1)?.sendsTo ?? null) : null,
    effect,
    jumpsBy: null,
    jumpsTo: null,
  };
}
