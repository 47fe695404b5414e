import { expect, test } from 'vitest';
import type { Machine } from '../machine.ts';
import { lookNumber, looks, seenValue } from './look.ts';

/** Each field with a value that no other has. */
const packet = {
  ...Object.fromEntries(looks.map((look) => [look, `value of ${look}`])),
  icmp: { type: 3, code: 7 },
  zone: { original: 2, reply: 5 },
};
const machine = { packet, hook: 'value of hook' } as unknown as Machine;

test.each(looks.filter((look) => look !== 'icmp' && look !== 'zone'))('%s is looked up under its own number', (look) => {
  expect(seenValue(lookNumber[look], machine)).toBe(`value of ${look}`);
});

test('objects are looked up by what they hold', () => {
  expect(seenValue(lookNumber.icmp, machine)).toBe(3 * 256 + 7);
  expect(seenValue(lookNumber.zone, machine)).toBe(2 * 65536 + 5);
});
