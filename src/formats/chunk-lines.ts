/** One line of a byte stream. `cut` is true where the line was longer than the limit and `text` holds only its beginning. */
export interface TextLine {
  /** Without its line end (`\n` or `\r\n`). Bytes that are not UTF-8 are U+FFFD. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  readonly cut: boolean;
}

const newline = 10;
const carriageReturn = 13;
const defaultMaxLineBytes = 64 * 1024;

/**
 * Splits chunks of bytes into lines, in memory of one chunk and one line. A last line without `\n` counts; nothing follows a last `\n`.
 * A line longer than `maxLineBytes` (64 KiB by default) is cut there, at a whole character, and marked; the rest of it is skipped.
 */
export function* linesOf(chunks: Iterable<Uint8Array>, options: { readonly maxLineBytes?: number } = {}): Generator<TextLine, void> {
  const pending = new PendingLine(options.maxLineBytes ?? defaultMaxLineBytes);
  for (const chunk of chunks) {
    let at = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, at)) {
      yield pending.finish(chunk.subarray(at, end));
      at = end + 1;
    }
    if (at < chunk.length) pending.hold(chunk.subarray(at));
  }
  if (pending.started) yield pending.finish(new Uint8Array(0));
}

/** The line that a chunk ended in the middle of, and the count of lines so far. */
class PendingLine {
  started = false;
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #held = new Uint8Array(256);
  #heldLength = 0;
  #cut = false;
  #line = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  hold(bytes: Uint8Array): void {
    const room = this.#maxBytes - this.#heldLength;
    // One byte past the limit is kept: it may be the `\r` of a line that just fits.
    const kept = bytes.length > room + 1 ? bytes.subarray(0, room + 1) : bytes;
    if (kept.length < bytes.length) this.#cut = true;
    if (!this.#cut || this.#heldLength <= this.#maxBytes) this.#append(kept);
    this.started = true;
  }

  finish(last: Uint8Array): TextLine {
    if (this.started) this.hold(last);
    const whole = this.started ? this.#held.subarray(0, this.#heldLength) : last;
    const body = !this.#cut && whole[whole.length - 1] === carriageReturn ? whole.subarray(0, -1) : whole;
    const cut = this.#cut || body.length > this.#maxBytes;
    const text = this.#decoder.decode(cut ? body.subarray(0, wholeCharacters(body, this.#maxBytes)) : body);
    this.started = false;
    this.#heldLength = 0;
    this.#cut = false;
    return { text, line: ++this.#line, cut };
  }

  #append(bytes: Uint8Array): void {
    const length = this.#heldLength + bytes.length;
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.max(length, this.#held.length * 2));
      larger.set(this.#held.subarray(0, this.#heldLength));
      this.#held = larger;
    }
    this.#held.set(bytes, this.#heldLength);
    this.#heldLength = length;
  }
}

/** The largest length of at most `limit` bytes that does not end inside a UTF-8 sequence. */
function wholeCharacters(bytes: Uint8Array, limit: number): number {
  let end = limit;
  while (end > 0 && limit - end < 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}

/** All chunks as one array; `bytes` is their length together. */
export function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
