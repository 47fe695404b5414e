import type { Family } from '#facts/address.ts';
import type { Backend, Chain, Rule } from '#facts/rule.ts';
import { decodeRule } from './decode-rule.ts';

/** What the chains of one dump share. */
export interface Dump {
  readonly bytes: Uint8Array;
  readonly family: Family;
  readonly backend: Backend;
}

export interface ChainHead {
  readonly name: string;
  readonly policy: 'ACCEPT' | 'DROP' | null;
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly line: number;
}

const decoder = new TextDecoder();

/** A chain that keeps where its rules stand in the dump, and decodes them when they are first asked for. */
export class LazyChain implements Chain {
  readonly name: string;
  readonly policy: 'ACCEPT' | 'DROP' | null;
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly line: number;
  readonly #dump: Dump;
  readonly #chains: ReadonlyMap<string, Chain>;
  /** Start, end and line of each rule, three numbers a rule. */
  readonly #places: number[] = [];
  #rules: readonly Rule[] | null = null;

  constructor(head: ChainHead, dump: Dump, chains: ReadonlyMap<string, Chain>) {
    this.name = head.name;
    this.policy = head.policy;
    this.packets = head.packets;
    this.bytes = head.bytes;
    this.line = head.line;
    this.#dump = dump;
    this.#chains = chains;
  }

  /** Only the reader of the dump calls this, before anyone asks for rules. */
  add(start: number, end: number, line: number): void {
    this.#places.push(start, end, line);
  }

  get ruleCount(): number {
    return this.#places.length / 3;
  }

  get rules(): readonly Rule[] {
    this.#rules ??= Array.from({ length: this.ruleCount }, (_, index) => this.#decode(index));
    return this.#rules;
  }

  #decode(index: number): Rule {
    const start = this.#places[index * 3] as number;
    const end = this.#places[index * 3 + 1] as number;
    const whole = decoder.decode(this.#dump.bytes.subarray(start, end));
    const counters = /^\[(\d+):(\d+)\] /.exec(whole);
    const text = whole.slice((counters?.[0].length ?? 0) + '-A '.length + this.name.length).trimStart();
    return {
      index: index + 1,
      line: this.#places[index * 3 + 2] as number,
      text,
      packets: counters === null ? null : Number(counters[1]),
      bytes: counters === null ? null : Number(counters[2]),
      ...decodeRule(text, this.#dump, (name) => this.#chains.has(name)),
    };
  }
}
