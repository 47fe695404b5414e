import type { Family } from '#facts/address.ts';
import type { Backend, Chain, Rule } from '#facts/rule.ts';
import { decodeRule } from './decode-rule.ts';

/** What the chains of one dump share. */
export interface Dump {
  readonly bytes: Uint8Array;
  readonly family: Family;
  readonly backend: Backend;
  /** Of `iptables -S`, and not of iptables-save. */
  readonly isListing: boolean;
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
    const inFront = /^\[(\d+):(\d+)\] /.exec(whole);
    const words = whole.slice((inFront?.[0].length ?? 0) + '-A '.length + this.name.length).trimStart();
    const { text, counters } = this.#dump.isListing ? withoutCounters(words) : { text: words, counters: inFront };
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

/** `iptables -S -v` has the counters in front of the target. A comment may hold such words, too: the last ones are the counters. */
function withoutCounters(words: string): { readonly text: string; readonly counters: RegExpExecArray | null } {
  const at = ` ${words}`.lastIndexOf(' -c ');
  const counters = at < 0 ? null : /^-c (\d+) (\d+) ?(?=-[jg] |$)/.exec(words.slice(at));
  return counters === null
    ? { text: words, counters }
    : { text: (words.slice(0, at) + words.slice(at + counters[0].length)).trim(), counters };
}
