import type { NftExpression } from '#facts/nft.ts';

const slots = 1 << 12;
/** Longer ones are blobs that hardly come twice. */
const longest = 96;

/**
 * Expressions by their bytes. Rules of one writer say the same few things over and over (`meta l4proto`, a counter at zero, a jump to the chain
 * that everyone uses); the same bytes are the same expression. A newer one takes the slot of an older one, so that memory stays small.
 */
export class SeenExpressions {
  readonly #starts = new Int32Array(slots);
  readonly #lengths = new Int32Array(slots);
  readonly #found: (NftExpression | undefined)[] = new Array(slots).fill(undefined);
  #slot = -1;

  /** The expression that the bytes stand for, where they were seen; else `put` may follow for the same bytes. */
  get(bytes: Uint8Array, start: number, end: number): NftExpression | undefined {
    this.#slot = -1;
    const length = end - start;
    if (length > longest) return undefined;
    this.#slot = hash(bytes, start, end) & (slots - 1);
    const found = this.#found[this.#slot];
    if (found === undefined || this.#lengths[this.#slot] !== length) return undefined;
    const other = this.#starts[this.#slot] as number;
    for (let i = 0; i < length; i++) if (bytes[other + i] !== bytes[start + i]) return undefined;
    return found;
  }

  put(start: number, end: number, expression: NftExpression): void {
    if (this.#slot < 0) return;
    this.#found[this.#slot] = expression;
    this.#starts[this.#slot] = start;
    this.#lengths[this.#slot] = end - start;
  }
}

function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = (Math.imul(value, 31) + (bytes[i] as number)) | 0;
  return value ^ (value >>> 12);
}
