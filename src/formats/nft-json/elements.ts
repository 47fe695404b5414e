import { failed, ok, type Problem, type Result } from '#facts/result.ts';
import { foundText } from '../shown.ts';

/** One value of the list `nftables`: from `start` to `end` in the text. */
export interface ListedElement {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** How deep brackets stand in each other. */
  readonly depth: number;
}

const code = { tab: 9, newline: 10, carriageReturn: 13, space: 32, quote: 34, comma: 44, colon: 58, backslash: 92 } as const;
const openers = [91, 123] as const;
const closers = [93, 125] as const;

/**
 * Finds the elements of `{"nftables": [...]}` one by one, so that a listing of 100,000 rules is never in memory as one tree. `each` gets them
 * in order and may refuse one. A listing that ends in the middle is a Problem.
 */
export function eachElement(text: string, source: string, each: (element: ListedElement) => Problem | null): Result<null> {
  return new ElementScanner(text, source).run(each);
}

class ElementScanner {
  readonly #text: string;
  readonly #source: string;
  #at = 0;
  #line = 1;
  #depth = 0;

  constructor(text: string, source: string) {
    this.#text = text;
    this.#source = source;
  }

  run(each: (element: ListedElement) => Problem | null): Result<null> {
    const opening = /^\s*\{\s*"nftables"\s*:\s*\[/.exec(this.#text.slice(0, 4096));
    if (opening === null)
      return this.#fail(this.#text.trim() === '' ? 'an empty file' : this.#shown(0), "what 'nft -j list ruleset' prints");
    this.#skipTo(opening[0].length);
    for (let first = true; ; first = false) {
      this.#skipSpace();
      if (this.#code() === closers[0]) break;
      if (!first) {
        if (this.#code() !== code.comma) return this.#fail(this.#shown(this.#at), "',' or ']'");
        this.#at++;
        this.#skipSpace();
      }
      const problem = this.#one(each);
      if (problem !== null) return failed(problem);
    }
    this.#at++;
    this.#skipSpace();
    if (this.#code() !== closers[1]) return this.#fail(this.#shown(this.#at), "'}' at the end of the listing");
    this.#at++;
    this.#skipSpace();
    return this.#at < this.#text.length ? this.#fail(this.#shown(this.#at), 'the end of the listing') : ok(null);
  }

  #one(each: (element: ListedElement) => Problem | null): Problem | null {
    const start = this.#at;
    const line = this.#line;
    const depth = this.#skipObject();
    if (depth === null) return this.#problem(this.#at >= this.#text.length ? 'the end of the file' : this.#shown(this.#at), 'an object');
    return each({ start, end: this.#at, line, depth });
  }

  /** Passes over one object; null where there is none or it does not end. */
  #skipObject(): number | null {
    if (this.#code() !== openers[1]) return null;
    this.#depth = 0;
    let deepest = 0;
    while (this.#at < this.#text.length) {
      const found = this.#code();
      if (found === code.quote) {
        if (!this.#skipString()) return null;
        continue;
      }
      this.#at++;
      if (found === code.newline) this.#line++;
      else if (found === openers[0] || found === openers[1]) deepest = Math.max(deepest, ++this.#depth);
      else if ((found === closers[0] || found === closers[1]) && --this.#depth === 0) return deepest;
    }
    return null;
  }

  #skipString(): boolean {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const found = this.#code();
      if (found === code.backslash) this.#at++;
      else if (found === code.quote) {
        this.#at++;
        return true;
      }
    }
    return false;
  }

  #skipSpace(): void {
    for (let found = this.#code(); isSpace(found); found = this.#code()) {
      if (found === code.newline) this.#line++;
      this.#at++;
    }
  }

  #skipTo(at: number): void {
    for (; this.#at < at; this.#at++) if (this.#code() === code.newline) this.#line++;
  }

  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #shown(at: number): string {
    return at >= this.#text.length ? 'the end of the file' : foundText(this.#text.slice(at, at + 61));
  }

  #problem(found: string, expected: string): Problem {
    return { code: 'nft-json-unreadable', source: this.#source, line: this.#line, found, expected };
  }

  #fail(found: string, expected: string): Result<null> {
    return failed(this.#problem(found, expected));
  }
}

function isSpace(found: number): boolean {
  return found === code.space || found === code.newline || found === code.tab || found === code.carriageReturn;
}
