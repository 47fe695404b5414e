import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from '#facts/instant.ts';
import { isoTime } from './format-time.ts';

test('a moment is written as ISO 8601 in UTC, leap days and ends of centuries included', () => {
  expect(isoTime(instant(Date.parse('2024-02-29T23:59:59.999Z')))).toBe('2024-02-29T23:59:59.999Z');
  fc.assert(
    fc.property(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      expect(isoTime(instant(date.getTime()))).toBe(date.toISOString());
    }),
  );
});
