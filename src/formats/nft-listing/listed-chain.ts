import type { NftChain, NftExpression, NftHook, NftRule } from '#facts/nft.ts';
import { compileRule } from './compile-rule.ts';
import type { ChainHead, ListedTable } from './listed-table.ts';

/** What stands at a rule's place in a listing. */
export interface ReadRule {
  readonly statements: readonly unknown[];
  readonly comment: string | null;
  readonly text: string;
  /** Why the rule could not be read; its statements are not all there then. */
  readonly problem: string | null;
}

/** Reads single rules and elements of sets again, from `start` to `end` in the listing. */
export interface RuleReader {
  readonly rule: (start: number, end: number) => ReadRule;
  readonly elements: (start: number, end: number) => readonly unknown[];
}

export interface RulePlace {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly handle: number;
}

const numbersPerRule = 4;

export class ListedChain implements NftChain {
  readonly name: string;
  readonly handle: number;
  readonly base: NftHook | null;
  readonly policy: 'accept' | 'drop' | null;
  readonly packets = null;
  readonly bytes = null;
  readonly line: number;
  readonly #table: ListedTable;
  /** Start, end, line and handle of each rule. */
  readonly #places: number[] = [];
  readonly #jumps = new Set<string>();
  readonly #maps = new Set<string>();
  #rules: readonly NftRule[] | null = null;

  constructor(head: ChainHead, table: ListedTable) {
    this.name = head.name;
    this.handle = head.handle;
    this.base = head.base;
    this.policy = head.policy;
    this.line = head.line;
    this.#table = table;
  }

  addRule({ start, end, line, handle }: RulePlace): void {
    this.#places.push(start, end, line, handle);
  }

  addJump(chain: string): void {
    this.#jumps.add(chain);
  }

  /** A map that a rule looks its verdict up in. */
  addMap(name: string): void {
    this.#maps.add(name);
  }

  get ruleCount(): number {
    return this.#places.length / numbersPerRule;
  }

  get jumps(): readonly string[] {
    const ofMaps = [...this.#maps].flatMap((map) => this.#table.jumpsOfMap(map));
    return [...new Set([...this.#jumps, ...ofMaps])];
  }

  get rules(): readonly NftRule[] {
    this.#rules ??= Array.from({ length: this.ruleCount }, (_, index) => this.#compile(index));
    return this.#rules;
  }

  #compile(index: number): NftRule {
    const [start = 0, end = 0, line = 0, handle = 0] = this.#places.slice(index * numbersPerRule, (index + 1) * numbersPerRule);
    const { statements, comment, text, problem } = this.#table.reader.rule(start, end);
    const scope = this.#table.scopeOf(this.name, index + 1);
    const unread: readonly NftExpression[] = problem === null ? [] : [{ kind: 'unmodelled', name: 'rule', because: problem }];
    const expressions = [...unread, ...compileRule(statements, scope)];
    const counter = expressions.find((expression) => expression.kind === 'counter');
    return {
      index: index + 1,
      handle,
      expressions,
      comment,
      text,
      line,
      packets: counter?.packets ?? null,
      bytes: counter?.bytes ?? null,
    };
  }
}
