import { notCompiled } from '../nft-listing/not-compiled.ts';
import { shown } from '../shown.ts';
import { type Token, Tokenizer } from './tokens.ts';

/** Statements of a listing stand about five deep; deeper ones would be an attack. */
const maxDepth = 32;

/** The words of one rule or declaration, read from left to right. What it cannot place is a NotCompiled with the word. */
export class Words {
  readonly #tokens: readonly Token[];
  readonly #parseStatement: (words: Words) => unknown;
  #at = 0;
  #depth = 0;

  /** Sets hold verdicts and statements, which hold sets: what reads a statement comes from outside. */
  constructor(text: string, span: { readonly start: number; readonly end: number }, parseStatement: (words: Words) => unknown) {
    this.#tokens = tokensIn(text, span);
    this.#parseStatement = parseStatement;
  }

  statement(): unknown {
    return this.nested(() => this.#parseStatement(this));
  }

  get ended(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** The next word without taking it; '' at the end and for quoted words. */
  get word(): string {
    const token = this.#tokens[this.#at];
    return token === undefined || token.kind === 'string' ? '' : token.text;
  }

  wordAt(ahead: number): string {
    const token = this.#tokens[this.#at + ahead];
    return token === undefined || token.kind === 'string' ? '' : token.text;
  }

  get isString(): boolean {
    return this.#tokens[this.#at]?.kind === 'string';
  }

  take(): string {
    const token = this.#tokens[this.#at++];
    return token === undefined ? notCompiled('the rule ends too early') : token.text;
  }

  /** Takes the next word if it is one of these. */
  took(...words: readonly string[]): boolean {
    if (this.word === '' || !words.includes(this.word)) return false;
    this.#at++;
    return true;
  }

  expect(word: string): void {
    if (!this.took(word)) notCompiled(`'${shown(this.ended ? 'the end' : this.word)}' where '${word}' belongs`);
  }

  number(): number {
    const text = this.take();
    return /^\d{1,15}$/.test(text) ? Number(text) : notCompiled(`'${shown(text)}' where a number belongs`);
  }

  /** Runs a part that may contain itself. */
  nested<T>(read: () => T): T {
    if (++this.#depth > maxDepth) notCompiled(`more than ${maxDepth} levels`);
    const value = read();
    this.#depth--;
    return value;
  }
}

function tokensIn(text: string, span: { readonly start: number; readonly end: number }): readonly Token[] {
  const tokenizer = new Tokenizer(text, { ...span, line: 0 });
  const tokens: Token[] = [];
  for (let token = tokenizer.next(); token.kind !== 'end'; token = tokenizer.next()) {
    if (token.kind !== 'end-of-line' && token.kind !== 'comment') tokens.push(token);
  }
  return tokens;
}
