const quote = 34;
const backslash = 92;
const openers = '{[';
const closers = '}]';

/**
 * Finds the lines on which values stand, in text that JSON.parse has accepted. Values themselves come from JSON.parse;
 * this only walks over the text, so that evidence can cite it.
 */
export class JsonPlaces {
  readonly #text: string;
  readonly #lineStarts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#lineStarts.push(i + 1);
  }

  /** Offset of the root value. */
  get start(): number {
    return this.#skipSpace(0);
  }

  /** Offsets of the elements of the array at `path` of keys below the root; [] where there is no such array. */
  elements(path: readonly string[]): readonly number[] {
    const array = this.find(this.start, path);
    if (array === null || this.#text[array] !== '[') return [];
    const offsets: number[] = [];
    let at = this.#skipSpace(array + 1);
    while (this.#text[at] !== ']') {
      offsets.push(at);
      at = this.#afterComma(this.#skipValue(at));
    }
    return offsets;
  }

  /** Offset of the value at `path` of keys below the value at `offset`, or null. */
  find(offset: number, path: readonly string[]): number | null {
    let at: number | null = offset;
    for (const key of path) {
      at = this.#member(at, key);
      if (at === null) return null;
    }
    return at;
  }

  /** 1-based line of an offset. */
  line(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** At most `length` characters of the text of the value at `offset`. */
  text(offset: number, length: number): string {
    return this.#text.slice(offset, Math.min(offset + length, this.#skipValue(offset)));
  }

  /** The line's text without its line end. */
  lineText(line: number): string {
    const end = this.#lineStarts[line];
    return this.#text.slice(this.#lineStarts[line - 1], end === undefined ? undefined : end - 1).replace(/\r$/, '');
  }

  #member(offset: number, key: string): number | null {
    if (this.#text[offset] !== '{') return null;
    let at = this.#skipSpace(offset + 1);
    while (this.#text[at] !== '}') {
      const end = this.#skipString(at);
      const value = this.#skipSpace(this.#skipSpace(end) + 1);
      if (JSON.parse(this.#text.slice(at, end)) === key) return value;
      at = this.#afterComma(this.#skipValue(value));
    }
    return null;
  }

  #afterComma(offset: number): number {
    const at = this.#skipSpace(offset);
    return this.#text[at] === ',' ? this.#skipSpace(at + 1) : at;
  }

  #skipSpace(offset: number): number {
    let at = offset;
    while (at < this.#text.length && this.#text.charCodeAt(at) <= 32) at++;
    return at;
  }

  #skipString(offset: number): number {
    let at = offset + 1;
    for (let code = this.#text.charCodeAt(at); code !== quote; code = this.#text.charCodeAt(at)) at += code === backslash ? 2 : 1;
    return at + 1;
  }

  #skipValue(offset: number): number {
    if (this.#text.charCodeAt(offset) === quote) return this.#skipString(offset);
    let depth = 0;
    let at = offset;
    for (; at < this.#text.length; at++) {
      const character = this.#text[at] as string;
      if (character === '"') at = this.#skipString(at) - 1;
      else if (openers.includes(character)) depth++;
      else if (closers.includes(character) && --depth <= 0) return depth < 0 ? at : at + 1;
      else if (character === ',' && depth === 0) return at;
    }
    return at;
  }
}
