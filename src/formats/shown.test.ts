import { expect, test } from 'vitest';
import { shown } from './shown.ts';

test.each<[title: string, text: string, expected: string]>([
  ['plain text stays', '-A INPUT -j ACCEPT ü', '-A INPUT -j ACCEPT ü'],
  ['a terminal escape is visible and harmless', '\u001b[31mred\u0007', '\\x1b[31mred\\x07'],
  ['a change of writing direction is visible', 'a\u202eb', 'a\\u202eb'],
  ['long text is cut and says so', 'x'.repeat(61), `${'x'.repeat(60)}...`],
])('%s', (_title, text, expected) => {
  expect(shown(text)).toBe(expected);
});
