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

interface Entry extends ChainCall {
  readonly result: ChainResult;
}

/** Chains that have been run: in another order of equal hooks, and with one backend alone, the same classes come to them again. */
export class ChainMemory {
  readonly #numbers = new Map<WalkChain, number>();
  readonly #entries = new Map<number, Entry[]>();

  /** The same result for the same call. */
  run(call: ChainCall, make: () => ChainResult): ChainResult {
    const { chain, from, hook, classes } = call;
    const hash = (Math.imul(this.#numberOf(chain), 0x27d4eb2d) + Math.imul(from, 0x165667b1) + hashOfClasses(classes)) | 0;
    const alike = this.#entries.get(hash);
    const found = alike?.find(
      (each) => each.chain === chain && each.hook === hook && each.from === from && sameClasses(each.classes, classes),
    );
    if (found !== undefined) return found.result;
    const entry = { chain, from, hook, classes, result: make() };
    if (alike === undefined) this.#entries.set(hash, [entry]);
    else alike.push(entry);
    return entry.result;
  }

  #numberOf(chain: WalkChain): number {
    let number = this.#numbers.get(chain);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(chain, number);
    }
    return number;
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
