/** Finds tuples of a fixed number of 32-bit words, each with a number that was given in the order of adding: the first tuple is 0. */
export class TupleTable {
  readonly #width: number;
  readonly #mask: number;
  readonly #keys: Uint32Array;
  /** Number of the tuple + 1; 0: free. */
  readonly #slots: Int32Array;
  #size = 0;

  constructor(width: number, capacity: number) {
    let slots = 4;
    while (slots < capacity * 2) slots *= 2;
    this.#width = width;
    this.#mask = slots - 1;
    this.#slots = new Int32Array(slots);
    this.#keys = new Uint32Array(capacity * width);
  }

  /** The number of the tuple that the first words of `key` are; -1: it is not here. */
  find(key: Uint32Array): number {
    return (this.#slots[this.#slotOf(key)] as number) - 1;
  }

  /** Its number, whether it is new or was here already. */
  add(key: Uint32Array): number {
    const slot = this.#slotOf(key);
    const known = this.#slots[slot] as number;
    if (known !== 0) return known - 1;
    const start = this.#size * this.#width;
    for (let i = 0; i < this.#width; i++) this.#keys[start + i] = key[i] as number;
    this.#slots[slot] = ++this.#size;
    return this.#size - 1;
  }

  #slotOf(key: Uint32Array): number {
    const slots = this.#slots;
    let slot = this.#hash(key) & this.#mask;
    for (let number = slots[slot] as number; number !== 0; number = slots[slot] as number) {
      if (this.#isAt(number - 1, key)) return slot;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  #isAt(number: number, key: Uint32Array): boolean {
    const start = number * this.#width;
    for (let i = 0; i < this.#width; i++) if (this.#keys[start + i] !== key[i]) return false;
    return true;
  }

  #hash(key: Uint32Array): number {
    let hash = 0x9e3779b9;
    for (let i = 0; i < this.#width; i++) {
      hash = Math.imul(hash ^ (key[i] as number), 0x85ebca6b);
      hash ^= hash >>> 15;
      hash = Math.imul(hash, 0xc2b2ae35);
      hash ^= hash >>> 13;
    }
    return hash;
  }
}
