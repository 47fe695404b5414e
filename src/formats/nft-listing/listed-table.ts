import type { NftFamily, NftFlowtable, NftHook, NftSet, NftTable } from '#facts/nft.ts';
import type { JsonObject } from '../json-fields.ts';
import { ListedChain, type RuleReader } from './listed-chain.ts';
import { anonymousSet, ListedSet } from './listed-set.ts';
import type { AnonymousSet, RuleScope, SetHead } from './rule-state.ts';

export interface ChainHead {
  readonly name: string;
  readonly handle: number;
  readonly base: NftHook | null;
  readonly policy: 'accept' | 'drop' | null;
  readonly line: number;
}

/** A table while its listing is read, and after: chains and sets keep where they stand, and are compiled when they are looked at. */
export class ListedTable implements NftTable {
  readonly family: NftFamily;
  readonly name: string;
  readonly line: number;
  readonly chains = new Map<string, ListedChain>();
  /** Those of rules are added when the rule is compiled, named for chain, rule and place in it. */
  readonly sets = new Map<string, NftSet>();
  readonly flowtables: NftFlowtable[] = [];
  readonly reader: RuleReader;
  readonly #named = new Map<string, ListedSet>();
  dormant = false;

  constructor(family: NftFamily, name: string, at: { readonly line: number; readonly reader: RuleReader }) {
    this.family = family;
    this.name = name;
    this.line = at.line;
    this.reader = at.reader;
  }

  /** Null where the table has such a chain already. */
  addChain(head: ChainHead): ListedChain | null {
    if (this.chains.has(head.name)) return null;
    const chain = new ListedChain(head, this);
    this.chains.set(head.name, chain);
    return chain;
  }

  addSet(declaration: JsonObject, place: { readonly line: number; readonly start: number; readonly end: number }): void {
    const set = new ListedSet(declaration, place, this.reader);
    this.#named.set(set.name, set);
    this.sets.set(set.name, set);
  }

  /** Rules add, update or delete its elements. */
  markDynamic(name: string): void {
    this.#named.get(name)?.markDynamic();
  }

  headOfSet(name: string): SetHead | null {
    return this.#named.get(name)?.head ?? null;
  }

  /** Chains that the elements of a verdict map jump to. */
  jumpsOfMap(name: string): readonly string[] {
    return this.#named.get(name)?.jumps ?? [];
  }

  scopeOf(chain: string, rule: number): RuleScope {
    let count = 0;
    return {
      family: this.family,
      set: (name) => this.headOfSet(name),
      addSet: (set: AnonymousSet) => {
        const name = `__set ${chain} ${rule}.${++count}`;
        this.sets.set(name, anonymousSet(name, set));
        return name;
      },
    };
  }
}
