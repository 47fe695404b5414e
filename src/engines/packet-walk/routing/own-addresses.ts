import type { Address, Family } from '#facts/address.ts';
import type { InterfaceAddress, Link } from '#facts/network.ts';
import type { Reading } from '#facts/result.ts';
import type { Settings } from '../way/settings.ts';
import { Sources4 } from './source-address-4.ts';
import { sourceAddress6 } from './source-address-6.ts';

/** Chosen sources of IPv6 that are remembered. */
const maxChosen = 10_000;

/** The addresses of the node's interfaces, indexed at the first question. Null: they are not in the snapshot. */
export class OwnAddresses {
  readonly #all: readonly InterfaceAddress[];
  readonly #links: Reading<readonly Link[]>;
  readonly #settings: Settings;
  #byAddress: ReadonlyMap<string, readonly string[]> | null = null;
  #withFamily: ReadonlySet<string> | null = null;
  #sources4: Sources4 | null = null;
  readonly #chosen6 = new Map<string, Address | 'none' | null>();

  constructor(all: readonly InterfaceAddress[], links: Reading<readonly Link[]>, settings: Settings) {
    this.#all = all;
    this.#links = links;
    this.#settings = settings;
  }

  /** Whether it is an address of one of the interfaces, or of this one. */
  has(address: Address, onInterface: string | null): boolean {
    this.#byAddress ??= new Map(
      [...Map.groupBy(this.#all, (each) => each.address.words.join('.'))].map(([key, list]) => [key, list.map((each) => each.interface)]),
    );
    const found = this.#byAddress.get(address.words.join('.'));
    return found !== undefined && (onInterface === null || found.includes(onInterface));
  }

  hasAny(family: Family, onInterface: string): boolean {
    this.#withFamily ??= new Set(this.#all.map((each) => `${each.address.family} ${each.interface}`));
    return this.#withFamily.has(`${family} ${onInterface}`);
  }

  /** For a packet that leaves by an interface; `none`: there is none. Null: not known. */
  sourceFor(outInterface: string, nextHop: Address): Address | 'none' | null {
    if (nextHop.family === 'ip') {
      this.#sources4 ??= new Sources4(this.#all, this.#links);
      return this.#sources4.choose(outInterface, nextHop);
    }
    const key = `${outInterface} ${nextHop.words.join('.')}`;
    const known = this.#chosen6.get(key);
    if (known !== undefined) return known;
    const chosen = sourceAddress6(this.#all, this.#links, { outInterface, destination: nextHop, settings: this.#settings });
    if (this.#chosen6.size >= maxChosen) this.#chosen6.clear();
    this.#chosen6.set(key, chosen);
    return chosen;
  }

  /** The interface's first, as REDIRECT takes it (nf_nat_redirect.c). */
  firstOf(family: Family, onInterface: string): Address | 'none' {
    const usable = this.#all.find(
      ({ address, interface: name, flags }) =>
        name === onInterface && address.family === family && (!flags?.includes('tentative') || flags.includes('optimistic')),
    );
    return usable?.address ?? 'none';
  }
}
