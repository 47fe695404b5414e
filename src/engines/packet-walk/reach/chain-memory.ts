import type { Hook } from '#facts/rule.ts';
import type { WalkChain, WalkRule } from '../chain.ts';
import type { ChainEnd } from '../verdict.ts';
import type { PairClass } from './classes.ts';
import { hashOfRelation, sameRects } from './relation.ts';

/** A class that a chain, or one that it jumps to, lost. */
export interface Lost extends PairClass {
  readonly end: ChainEnd;
  /** The rule, or policy; null: nobody is to blame. */
  readonly loss: Loss | null;
}

/** The rule, or policy, at which a leg was lost. */
export interface Loss {
  readonly chain: WalkChain;
  readonly rule: WalkRule | null;
}

/** What a chain does with classes. */
export interface ChainResult {
  readonly accepted: readonly PairClass[];
  /** By RETURN, or at its end. */
  readonly returned: readonly PairClass[];
  readonly lost: readonly Lost[];
}

/** Classes that come to a rule of a chain, and all rules from there on. */
export interface ChainCall {
  readonly chain: WalkChain;
  /** 0-based. */
  readonly from: number;
  readonly hook: Hook | '';
  readonly classes: readonly PairClass[];
}

interface Entry extends Omit<ChainCall, 'chain'> {
  readonly result: ChainResult;
}

/** Chains that have been run: in another order of equal hooks, and with one backend alone, the same classes come to them again. */
export class ChainMemory {
  readonly #byChain = new Map<WalkChain, Map<number, Entry | Entry[]>>();

  /** The same result for the same call. */
  run({ chain, from, hook, classes }: ChainCall, make: () => ChainResult): ChainResult {
    let entries = this.#byChain.get(chain);
    if (entries === undefined) {
      entries = new Map();
      this.#byChain.set(chain, entries);
    }
    const hash = hashOfClasses(classes) ^ from;
    const alike = entries.get(hash);
    const fits = (each: Entry): boolean => each.hook === hook && each.from === from && sameClasses(each.classes, classes);
    const found = Array.isArray(alike) ? alike.find(fits) : alike !== undefined && fits(alike) ? alike : undefined;
    if (found !== undefined) return found.result;
    const entry = { from, hook, classes, result: make() };
    entries.set(hash, alike === undefined ? entry : [alike, entry].flat());
    return entry.result;
  }
}

function hashOfClasses(classes: readonly PairClass[]): number {
  let hash = 0;
  for (const { state, pairs } of classes) hash = (Math.imul(hash, 31) + Math.imul(state.id + 1, 0x9e3779b1) + hashOfRelation(pairs)) | 0;
  return hash;
}

function sameClasses(a: readonly PairClass[], b: readonly PairClass[]): boolean {
  return a.length === b.length && a.every(({ state, pairs }, i) => state === b[i]?.state && sameRects(pairs, (b[i] as PairClass).pairs));
}
