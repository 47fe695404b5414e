import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonPlaces } from './json-places.ts';
import { parseJson } from './json-text.ts';

test('the elements of an array are found at any spacing', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.nat(3), (values, indent) => {
      const text = JSON.stringify({ 'a"b': [1], items: values }, null, indent);
      const places = new JsonPlaces(text);
      const offsets = places.elements(['items']);
      expect(offsets.length).toBe(values.length);
      for (const [i, offset] of offsets.entries()) {
        const rest = text.slice(offset, offsets[i + 1] ?? undefined);
        expect(rest.startsWith(JSON.stringify(values[i], null, indent).split('\n')[0] as string)).toBe(true);
      }
    }),
  );
});

test('a value below an element has its own line', () => {
  const text = '[\n {"metadata": {\n   "labels": {"name": "wrong"},\n   "name": "right"}},\n {"metadata": 3}\n]';
  const places = new JsonPlaces(text);
  const [first, second] = places.elements([]) as [number, number];
  expect(places.line(first)).toBe(2);
  expect(places.line(places.find(first, ['metadata', 'name']) as number)).toBe(4);
  expect(places.lineText(4)).toBe('   "name": "right"}},');
  expect(places.find(second, ['metadata', 'name'])).toBeNull();
});

test.each([
  ['', 1, 'an empty file'],
  ['[\n1,\n', 3, 'the end of the file'],
  ['{\n"a": tru}', 2, 'tru}'],
  ['iptables: oops\n{}', 1, 'iptables: oops\\n{}'],
  ['[\n1,\n]', 3, ']'],
  ['{"a": 1,\n"b" 2}', 2, '2}'],
  ['[1]\n[2]', 2, '[2]'],
  ['["a\nb"]', 1, '"a\\nb"]'],
])('bad JSON %j names line %i', (text, line, found) => {
  const result = parseJson(text, 'f.json');
  expect(result).toMatchObject({ ok: false, problem: { code: 'json-unreadable', source: 'f.json', line } });
  if (!result.ok && found !== '') expect(result.problem.found).toBe(found);
});
