import { attributeLength, attributeType, u32 } from './bytes.ts';
import type { KernelChain } from './kernel-chain.ts';

/** Of nfgenmsg in a message, and of the attributes behind it. */
const familyAt = 16;
const bodyStart = 20;

/**
 * Rules of a chain come together, and each starts with the names of its table (NFTA_RULE_TABLE 1) and chain (NFTA_RULE_CHAIN 2): the same bytes
 * are the same chain, so that most rules need no look at names at all.
 */
export class RuleRun {
  readonly #bytes: Uint8Array;
  #first = 0;
  /** Bytes of the first message up to the end of the names; 0 where they do not come first. */
  #length = 0;
  #chain: KernelChain | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The rule at `offset` is one of `chain`; what follows may be too. */
  start(offset: number, chain: KernelChain): void {
    this.#first = offset;
    this.#length = this.#headLength(offset);
    this.#chain = chain;
    chain.add(offset);
  }

  /** Adds the rule at `offset` to the chain of the one before. False where it is of another, or may be. */
  add(offset: number): boolean {
    if (this.#chain === null || !this.#isOfSameChain(offset)) return false;
    this.#chain.add(offset);
    return true;
  }

  #isOfSameChain(offset: number): boolean {
    const bytes = this.#bytes;
    if (this.#length === 0 || u32(bytes, offset) < this.#length) return false;
    if (bytes[offset + familyAt] !== bytes[this.#first + familyAt]) return false;
    for (let i = bodyStart; i < this.#length; i++) if (bytes[offset + i] !== bytes[this.#first + i]) return false;
    return true;
  }

  #headLength(offset: number): number {
    const end = offset + u32(this.#bytes, offset);
    const first = offset + bodyStart;
    const table = attributeLength(this.#bytes, first, end);
    const second = first + ((table + 3) & ~3);
    const chain = attributeLength(this.#bytes, second, end);
    const inOrder = table > 0 && chain > 0 && attributeType(this.#bytes, first) === 1 && attributeType(this.#bytes, second) === 2;
    return inOrder ? second + chain - offset : 0;
  }
}
