/** Bytes that grow: what a socket gave, copied once, in chunks that are joined at the end. */
export class ByteList {
  static readonly #chunkBytes = 1024 * 1024;
  #full: Uint8Array[] = [];
  #chunk = new Uint8Array(0);
  #used = 0;
  #total = 0;

  get length(): number {
    return this.#total;
  }

  /** Bytes start at multiples of four, as netlink messages do. */
  append(bytes: Uint8Array): void {
    const padded = (bytes.length + 3) & ~3;
    if (this.#used + padded > this.#chunk.length) this.#startChunk(padded);
    this.#chunk.set(bytes, this.#used);
    this.#used += padded;
    this.#total += padded;
  }

  clear(): void {
    this.#full = [];
    this.#chunk = new Uint8Array(0);
    this.#used = 0;
    this.#total = 0;
  }

  join(): Uint8Array {
    const whole = new Uint8Array(this.#total);
    let at = 0;
    for (const chunk of [...this.#full, this.#chunk.subarray(0, this.#used)]) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  /** Small answers are the rule: the first chunk is small, too. */
  #startChunk(atLeast: number): void {
    if (this.#used > 0) this.#full.push(this.#chunk.subarray(0, this.#used));
    const usual = this.#total === 0 ? 16 * 1024 : ByteList.#chunkBytes;
    this.#chunk = new Uint8Array(Math.max(usual, atLeast));
    this.#used = 0;
  }
}
