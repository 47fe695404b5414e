import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from './printable.ts';

test.each([
  ['\x1b[2J\x1b]0;owned\x07', '\\x1b[2J\\x1b]0;owned\\x07'],
  ['a\nb\r\tc', 'a\\nb\\r\\tc'],
  ['\x9b31m\x7f\x00', '\\x9b31m\\x7f\\x00'],
  ['user\u202egnp.exe', 'user\\u202egnp.exe'],
  ['a\u200bb\ufeffc\u2028d\u061ce', 'a\\u200bb\\ufeffc\\u2028d\\u061ce'],
  ['tag \u{e0041}', 'tag \\u{e0041}'],
  ['half \ud800.', 'half \\ud800.'],
  ['Übung 日本 🙂 \ufffd \\x1b', 'Übung 日本 🙂 \ufffd \\x1b'],
])('%j prints as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('nothing that a terminal obeys is left, and printing twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      expect(printable(shown)).toBe(shown);
    }),
  );
});
