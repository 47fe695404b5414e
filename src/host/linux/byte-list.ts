/** Bytes that grow: what a socket gave, copied once. Each piece starts at a multiple of four, as netlink messages do. */
export class ByteList {
  #bytes: Uint8Array;
  #used = 0;

  /** Capacity that is never used costs nothing: the memory of a large buffer only becomes real when it is written. */
  constructor(capacity = 16 * 1024) {
    this.#bytes = new Uint8Array(capacity);
  }

  append(from: Uint8Array, start = 0, end: number = from.length): void {
    const next = this.#used + ((end - start + 3) & ~3);
    this.reserve(next);
    this.#bytes.set(start === 0 && end === from.length ? from : from.subarray(start, end), this.#used);
    this.#used = next;
  }

  /** Room for `capacity` bytes in all, so that growing does not copy. */
  reserve(capacity: number): void {
    if (capacity <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(capacity, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }

  get length(): number {
    return this.#used;
  }

  /** The bytes so far; not a copy. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }
}
