/** `mark` is one of `{ } , ; ( ) |`; `end-of-line` also stands for `;` where a statement ends. */
export interface Token {
  readonly kind: 'word' | 'string' | 'mark' | 'end-of-line' | 'comment' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

const code = { newline: 10, space: 32, quote: 34, hash: 35, backslash: 92 } as const;
const marks = '{},;()|';

/** Reads the words of nft's text one by one, so that a large listing is never in memory as a list of words. */
export class Tokenizer {
  readonly #text: string;
  readonly #end: number;
  #at: number;
  #line: number;

  constructor(text: string, span: { readonly start: number; readonly end: number; readonly line: number }) {
    this.#text = text;
    this.#at = span.start;
    this.#end = span.end;
    this.#line = span.line;
  }

  next(): Token {
    const text = this.#text;
    let at = this.#at;
    while (at < this.#end && isBlank(text.charCodeAt(at))) at++;
    if (at >= this.#end) return this.#token('end', at, at);
    const first = text.charCodeAt(at);
    if (first === code.newline) return this.#newline(at);
    if (first === code.hash) return this.#token('comment', at, lineEnd(text, at, this.#end));
    if (first === code.quote) return this.#string(at);
    if (marks.includes(text[at] as string)) return this.#token(text[at] === ';' ? 'end-of-line' : 'mark', at, at + 1);
    return this.#word(at);
  }

  #newline(at: number): Token {
    const token = this.#token('end-of-line', at, at + 1);
    this.#line++;
    return token;
  }

  /** A quoted word has no escapes in nft; one that does not end in its line is a word. */
  #string(at: number): Token {
    const end = this.#text.indexOf('"', at + 1);
    const text = end < 0 || end >= this.#end ? null : this.#text.slice(at + 1, end);
    if (text === null || text.includes('\n')) return this.#word(at);
    return { ...this.#token('string', at, end + 1), text };
  }

  /** `@nh,8,8` is one word. */
  #word(at: number): Token {
    const raw = this.#text[at] === '@' ? /^@[a-z]{2},\d{1,5},\d{1,4}/.exec(this.#text.slice(at, at + 20)) : null;
    let end = raw === null ? at + 1 : at + raw[0].length;
    while (end < this.#end && !endsWord(this.#text.charCodeAt(end))) end++;
    return this.#token('word', at, end);
  }

  #token(kind: Token['kind'], start: number, end: number): Token {
    this.#at = end;
    return { kind, text: this.#text.slice(start, end), start, end, line: this.#line };
  }
}

function isBlank(found: number): boolean {
  return found === code.space || found === 9 || found === 13;
}

function endsWord(found: number): boolean {
  return found <= code.space || found === code.quote || marks.includes(String.fromCharCode(found));
}

function lineEnd(text: string, at: number, end: number): number {
  const found = text.indexOf('\n', at);
  return found < 0 || found > end ? end : found;
}
