const end = 2 ** 32;

/** IPv4 addresses at which something begins or ceases to hold, as numbers. */
export class Boundaries {
  readonly #all = new Set<number>([0]);
  /** A condition on addresses that is no interval. */
  strange: string | null = null;

  sorted(): readonly number[] {
    return [...this.#all].filter((each) => each < end).toSorted((a, b) => a - b);
  }

  interval(first: number, last: number): void {
    this.#all.add(first);
    this.#all.add(last + 1);
  }

  /** The block of so many bits that an address is in. */
  block(word: number, bits: number): void {
    const size = 2 ** (32 - bits);
    const first = Math.floor(word / size) * size;
    this.interval(first, first + size - 1);
  }
}
