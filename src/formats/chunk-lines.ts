/** One line of a file. `cut`: it was longer than the bound, and `text` is its beginning. */
export interface TextLine {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  readonly cut: boolean;
}

const newline = 10;
const carriageReturn = 13;

/**
 * Splits bytes into lines without their line ends (`\n` or `\r\n`). Memory is bounded by one chunk and one line of
 * `maxLineBytes` (64 KiB unless told); bytes that are not UTF-8 become U+FFFD. A last line without line end counts.
 */
export function* linesOf(chunks: Iterable<Uint8Array>, options: { readonly maxLineBytes?: number } = {}): Generator<TextLine> {
  const bound = options.maxLineBytes ?? 65_536;
  const decoder = new TextDecoder();
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  let line = 0;

  const take = (last: Uint8Array): TextLine => {
    const bytes = rest.length === 0 ? last : joined([...rest, last], restBytes + last.length);
    rest = [];
    restBytes = 0;
    line++;
    const cut = bytes.length > bound;
    const end = cut ? bound : bytes[bytes.length - 1] === carriageReturn ? bytes.length - 1 : bytes.length;
    return { text: decoder.decode(bytes.subarray(0, end)), line, cut };
  };

  for (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      yield take(chunk.subarray(start, end));
      start = end + 1;
    }
    const tail = chunk.subarray(start, start + Math.max(0, bound + 2 - restBytes));
    if (tail.length === 0) continue;
    rest.push(tail.slice());
    restBytes += tail.length;
  }
  if (restBytes > 0) yield take(new Uint8Array(0));
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
