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

interface Entry {
  readonly hook: Hook | '';
  readonly classes: readonly PairClass[];
  readonly result: ChainResult;
}

/** Chains that have been run: in another order of equal hooks, and with one backend alone, the same classes come to them again. */
export class ChainMemory {
  readonly #byChain = new Map<WalkChain, Map<number, Entry[]>>();

  /** The same result for the same chain, hook and classes. */
  run(chain: WalkChain, hook: Hook | '', classes: readonly PairClass[], make: () => ChainResult): ChainResult {
    let entries = this.#byChain.get(chain);
    if (entries === undefined) {
      entries = new Map();
      this.#byChain.set(chain, entries);
    }
    const hash = hashOfClasses(classes);
    const alike = entries.get(hash);
    const found = alike?.find((each) => each.hook === hook && sameClasses(each.classes, classes));
    if (found !== undefined) return found.result;
    const entry = { hook, classes, result: make() };
    if (alike === undefined) entries.set(hash, [entry]);
    else alike.push(entry);
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
