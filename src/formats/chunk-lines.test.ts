import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf } from './chunk-lines.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (chunks: Iterable<Uint8Array>, maxLineBytes?: number): readonly (readonly [string, number, boolean])[] =>
  [...linesOf(chunks, maxLineBytes === undefined ? {} : { maxLineBytes })].map((line) => [line.text, line.line, line.cut]);

describe('lines of chunks', () => {
  test.each<[title: string, text: string, lines: readonly string[]]>([
    ['no byte is no line', '', []],
    ['a last line without line end counts', 'a\nb', ['a', 'b']],
    ['nothing follows the last line end', 'a\n', ['a']],
    ['an empty line counts', 'a\n\nb\n', ['a', '', 'b']],
    ['a carriage return before the line end goes', 'a\r\nb\r\n', ['a', 'b']],
    ['a carriage return inside a line stays', 'a\rb\n', ['a\rb']],
    ['characters of several bytes are whole', 'ü€😀\n', ['ü€😀']],
  ])('%s', (_title, text, lines) => {
    expect(texts([bytes(text)]).map(([line]) => line)).toEqual(lines);
  });

  test('any cut into chunks gives the same lines', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.nat(9)), fc.integer({ min: 1, max: 12 }), (parts, sizes, limit) => {
        const whole = bytes(parts.join('\n').replaceAll('é', '\r\n'));
        expect(texts(chunked(whole, sizes), limit)).toEqual(texts([whole], limit));
      }),
    );
  });

  test('a line of just the limit is whole, one byte more is cut and marked, and the next line is unharmed', () => {
    expect(texts([bytes('abcd\r\nabcde\nx\n')], 4)).toEqual([
      ['abcd', 1, false],
      ['abcd', 2, true],
      ['x', 3, false],
    ]);
  });

  test('a cut never halves a character', () => {
    expect(texts([bytes('a€€\n')], 5)).toEqual([['a€', 1, true]]);
  });

  test('a line that never ends is held only up to the limit', () => {
    const endless = (function* () {
      for (let i = 0; i < 20_000; i++) yield new Uint8Array(4096).fill(65);
    })();
    const [line] = texts(endless, 100);
    expect(line).toEqual(['A'.repeat(100), 1, true]);
  });
});

function chunked(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(whole.subarray(at, at + size));
    at += size;
  }
  chunks.push(whole.subarray(at));
  return chunks;
}
