import type { WalkChain, WalkRule, WalkTable } from './chain.ts';
import { type ChainIndex, indexOf, type RuleKey } from './chain-index.ts';
import type { Op } from './op.ts';

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
  readonly #source: ChainSource;
  readonly #rules: (WalkRule | undefined)[];
  #index: ChainIndex | null | undefined;

  constructor(table: WalkTable, source: ChainSource) {
    this.table = table;
    this.name = source.name;
    this.policy = source.policy;
    this.packets = source.packets;
    this.line = source.line;
    this.ruleCount = source.ruleCount;
    this.#source = source;
    this.#rules = new Array(source.ruleCount);
  }

  get index(): ChainIndex | null {
    if (this.#index === undefined) this.#index = indexOf(this.ruleCount === 0 ? [] : this.#source.keys());
    return this.#index;
  }

  rule(position: number): WalkRule | undefined {
    const known = this.#rules[position];
    if (known !== undefined || position >= this.ruleCount) return known;
    const rule = compiled(this.#source.rule(position));
    this.#rules[position] = rule;
    return rule;
  }
}

function compiled({ index, line, text, packets, effect, leftOut, compile }: RuleSource): WalkRule {
  const ops = leftOut ? [never] : compile();
  let reads = 0;
  let markReads = 0;
  let wrote = false;
  let guarded = false;
  for (const op of ops) {
    reads |= op.reads;
    markReads |= op.markReads;
    guarded ||= wrote && op.asks;
    wrote ||= op.writes;
  }
  return { index, line, text, packets, ops, reads, markReads, guarded, effect };
}
