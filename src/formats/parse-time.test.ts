import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from '#facts/instant.ts';
import { formatIsoTime, parseIsoTime, parseKlogTime, parseSyslogTime, parseTime } from './parse-time.ts';

const context = { notAfter: instant(Date.UTC(2025, 8, 20, 3)) };
const anyTime = fc.date({ min: new Date('1970-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });

test('every moment is read back as the platform reads it', () => {
  fc.assert(
    fc.property(anyTime, (date) => {
      const time = parseTime(date.toISOString());
      expect(time).toBe(date.getTime());
      expect(formatIsoTime(instant(date.getTime()))).toBe(date.toISOString());
    }),
  );
});

test.each([
  ['2025-09-20T02:13:07Z', '2025-09-20T02:13:07.000Z'],
  ['2025-09-20T02:13:07.123456789Z', '2025-09-20T02:13:07.123Z'],
  ['2025-09-20T10:13:07.5+08:00', '2025-09-20T02:13:07.500Z'],
  ['2025-09-20T10:13:07.123456+0800', '2025-09-20T02:13:07.123Z'],
  ['2025-09-19T21:43:07-0430', '2025-09-20T02:13:07.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
])('%s is a time', (text, iso) => {
  expect(parseTime(text)).toBe(Date.parse(iso));
});

test.each(['2025-02-29T00:00:00Z', '2025-13-01T00:00:00Z', '2025-09-20T24:00:00Z', '2025-09-20', 'x', '', '2025-09-20T02:13:07'])(
  '%j is no time',
  (text) => {
    expect(parseTime(text)).toBeNull();
  },
);

test('a time without zone takes the zone of its context', () => {
  expect(parseTime('2025-09-20 02:13:07.123', { zoneMinutes: 480 })).toBe(Date.UTC(2025, 8, 19, 18, 13, 7, 123));
});

test.each([
  ['0920 02:13:07.123456', 2025],
  ['0921 02:00:00.000000', 2025],
  ['0922 02:00:00.000000', 2024],
  ['1231 23:59:59.999999', 2024],
  ['0229 12:00:00.000000', 2024],
])('klog time %s is of %i', (text, year) => {
  expect(formatIsoTime(parseKlogTime(text, context) ?? instant(0)).slice(0, 4)).toBe(String(year));
});

test('syslog time', () => {
  expect(parseSyslogTime('Sep 20 02:13:07', context)).toBe(Date.UTC(2025, 8, 20, 2, 13, 7));
  expect(parseSyslogTime('Sep  2 02:13:07.250', context)).toBe(Date.UTC(2025, 8, 2, 2, 13, 7, 250));
  expect(parseSyslogTime('Foo 20 02:13:07', context)).toBeNull();
});

test('a time at the start of a text tells its length; without a zone it is UTC', () => {
  expect(parseIsoTime('2025-09-20 02:13:07.123 [INFO]')).toEqual({ at: Date.UTC(2025, 8, 20, 2, 13, 7, 123), length: 23 });
  expect(parseIsoTime('2025-02-30 02:13:07')).toBeNull();
});
