import type { Chain, Rule } from '#facts/rule.ts';
import { entryLayouts } from './entry-layout.ts';
import { LegacyRule } from './entry-rule.ts';
import type { EntryTable } from './entry-table.ts';

export interface LegacyChainPlace {
  readonly name: string;
  readonly policy: 'ACCEPT' | 'DROP' | null;
  readonly packets: number;
  readonly bytes: number;
  /** Number in its table of the chain's first rule. */
  readonly line: number;
  /** Offset of its first entry. */
  readonly start: number;
  readonly ruleCount: number;
}

/** A chain that keeps where its entries stand, and decodes them when they are first asked for. */
export class LegacyChain implements Chain {
  readonly name: string;
  readonly policy: 'ACCEPT' | 'DROP' | null;
  readonly packets: number;
  readonly bytes: number;
  readonly line: number;
  readonly ruleCount: number;
  readonly #start: number;
  readonly #table: EntryTable;
  #rules: readonly Rule[] | null = null;

  constructor(place: LegacyChainPlace, table: EntryTable) {
    this.name = place.name;
    this.policy = place.policy;
    this.packets = place.packets;
    this.bytes = place.bytes;
    this.line = place.line;
    this.ruleCount = place.ruleCount;
    this.#start = place.start;
    this.#table = table;
  }

  get rules(): readonly Rule[] {
    this.#rules ??= this.#decode();
    return this.#rules;
  }

  #decode(): readonly Rule[] {
    const { entries, family } = this.#table;
    const rules: Rule[] = [];
    for (let index = 1, offset = this.#start; index <= this.ruleCount; index++) {
      rules.push(new LegacyRule(this.#table, offset, { index, line: this.line + index - 1 }));
      offset += entries.u16(offset + entryLayouts[family].nextOffset);
    }
    return rules;
  }
}
