import type { Address } from '#facts/address.ts';
import type { Route } from '#facts/network.ts';
import type { Net } from '../sets/compiled-set.ts';
import { maskWords } from '../sets/member-words.ts';
import { TupleTable } from '../sets/tuple-table.ts';

/** Routes of one table and family, by prefix. */
export class FibTable {
  readonly #table: TupleTable;
  readonly #groups: readonly (readonly Route[])[];
  /** Prefix lengths that there are, from longest to shortest. */
  readonly #lengths: readonly Net[];
  readonly #words: number;
  readonly #key: Uint32Array;

  constructor(routes: readonly Route[]) {
    const usable = routes.filter(({ destination }) => destination.bits !== null);
    this.#words = usable[0]?.family === 'ip6' ? 4 : 1;
    this.#key = new Uint32Array(this.#words + 1);
    this.#table = new TupleTable(this.#words + 1, usable.length);
    this.#lengths = [...new Set(usable.map(({ destination }) => destination.bits as number))]
      .toSorted((a, b) => b - a)
      .map((bits) => ({ words: this.#words, bits }));
    const groups: Route[][] = [];
    for (const route of usable) {
      this.#key.set(route.destination.words);
      this.#key[this.#words] = route.destination.bits as number;
      const number = this.#table.add(this.#key);
      const group = groups[number];
      if (group === undefined) groups[number] = [route];
      else group.push(route);
    }
    this.#groups = groups.map((group) => group.toSorted(inGroup));
  }

  /** Goes through the prefixes that hold the address, from the longest on, until `choose` takes one of a prefix's routes. */
  find<T>(address: Address, choose: (routes: readonly Route[]) => T | null): T | null {
    const key = this.#key;
    const words = this.#words;
    for (const net of this.#lengths) {
      for (let i = 0; i < words; i++) key[i] = address.words[i] as number;
      maskWords(key, 0, net);
      key[words] = net.bits;
      const number = this.#table.find(key);
      if (number < 0) continue;
      const found = choose(this.#groups[number] as readonly Route[]);
      if (found !== null) return found;
    }
    return null;
  }
}

/**
 * Within a prefix IPv4 goes by type of service and then metric (fib_find_alias in net/ipv4/fib_trie.c), IPv6 by the source's prefix and then
 * metric; equal ones stand in the order of the dump, which is the kernel's.
 */
function inGroup(a: Route, b: Route): number {
  return (b.from?.bits ?? 0) - (a.from?.bits ?? 0) || (b.tos ?? 0) - (a.tos ?? 0) || a.metric - b.metric;
}
