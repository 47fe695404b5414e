import type { NftExpression } from '#facts/nft.ts';

const slots = 1 << 12;
/** Longer ones are blobs that hardly come twice. */
const longest = 96;

/**
 * Expressions by their bytes. Rules of one writer say the same few things over and over (`meta l4proto`, a counter at zero, a jump to the chain
 * that everyone uses); the same bytes are the same expression. A newer one takes the slot of an older one, so that memory stays small.
 */
export class SeenExpressions {
  /** All that netlink aligns starts at a word. */
  readonly #words: Int32Array;
  readonly #starts = new Int32Array(slots);
  readonly #lengths = new Int32Array(slots);
  readonly #found: (NftExpression | undefined)[] = new Array(slots).fill(undefined);
  #slot = -1;

  constructor(bytes: Uint8Array) {
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    this.#words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
  }

  /** The expression that the bytes stand for, where they were seen; else `put` may follow for the same bytes. */
  get(start: number, end: number): NftExpression | undefined {
    this.#slot = -1;
    const length = end - start;
    if (length > longest || (length & 3) !== 0) return undefined;
    const words = this.#words;
    const first = start >> 2;
    const count = length >> 2;
    let hash = 0;
    for (let i = 0; i < count; i++) hash = (Math.imul(hash ^ (hash >>> 15), 0x5bd1e995) + (words[first + i] as number)) | 0;
    this.#slot = (hash ^ (hash >>> 13)) & (slots - 1);
    if (this.#lengths[this.#slot] !== length) return undefined;
    const other = (this.#starts[this.#slot] as number) >> 2;
    for (let i = 0; i < count; i++) if (words[other + i] !== words[first + i]) return undefined;
    return this.#found[this.#slot];
  }

  put(start: number, end: number, expression: NftExpression): void {
    if (this.#slot < 0) return;
    this.#found[this.#slot] = expression;
    this.#starts[this.#slot] = start;
    this.#lengths[this.#slot] = end - start;
  }
}
