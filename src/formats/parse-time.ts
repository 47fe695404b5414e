import { type Instant, instant } from '#facts/instant.ts';

/** What a time without year or zone is read against. */
export interface TimeContext {
  /** The newest moment that the text can speak of: times without a year are the last such moment before it (and a day's grace). */
  readonly notAfter: Instant;
  /** Minutes east of UTC for times that carry no zone; 0 where it is left out, as components in containers mostly log in UTC. */
  readonly zoneMinutes?: number;
}

interface CalendarTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** 60 in a leap second. */
  readonly second: number;
  readonly millisecond: number;
}

const dayMilliseconds = 86_400_000;
const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * ISO 8601 and RFC 3339 as logs write it: `2025-09-20T02:13:07.123456789Z`, `2025-09-20 02:13:07.123` (Felix), `2025-09-20T02:13:07+0800`
 * (journal's short-iso), comma for the fraction's point. Digits past milliseconds are cut off. Without a zone, `context` gives it;
 * with neither, and for anything else, null.
 */
export function parseTime(text: string, context?: { readonly zoneMinutes: number }): Instant | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (parts === null) return null;
  const zone = parts[8] === undefined ? context?.zoneMinutes : zoneMinutesOf(parts[8]);
  if (zone === undefined) return null;
  return instantOf(
    {
      year: Number(parts[1]),
      month: Number(parts[2]),
      day: Number(parts[3]),
      hour: Number(parts[4]),
      minute: Number(parts[5]),
      second: Number(parts[6]),
      millisecond: milliseconds(parts[7]),
    },
    zone,
  );
}

/** The start of the text as a time, a time without zone being UTC; `length` is the number of characters it took. */
export function parseIsoTime(text: string): { readonly at: Instant; readonly length: number } | null {
  const head = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?/.exec(text)?.[0];
  const at = head === undefined ? null : parseTime(head, { zoneMinutes: 0 });
  return head === undefined || at === null ? null : { at, length: head.length };
}

/** klog's `0920 02:13:07.123456` (month and day, local time of the process), without the level letter. */
export function parseKlogTime(text: string, context: TimeContext): Instant | null {
  const parts = /^(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{1,9})$/.exec(text);
  return parts === null ? null : yearless(parts.slice(1, 3).map(Number), parts.slice(3), context);
}

/** syslog's `Sep 20 02:13:07` (RFC 3164), also with a fraction, as journal's short-precise writes it. */
export function parseSyslogTime(text: string, context: TimeContext): Instant | null {
  const parts = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/.exec(text);
  const month = parts === null ? 0 : monthNames.indexOf(parts[1] as string) + 1;
  return parts === null || month === 0 ? null : yearless([month, Number(parts[2])], parts.slice(3), context);
}

function yearless(date: readonly number[], clock: readonly (string | undefined)[], context: TimeContext): Instant | null {
  const limit = context.notAfter + dayMilliseconds;
  const latestYear = calendarOf(instant(limit)).year;
  // Back to the last leap year at least: `0229` may be eight years old (1896 to 1904 is no case for logs).
  for (let year = latestYear; year > latestYear - 9; year--) {
    const time = instantOf(
      {
        year,
        month: date[0] as number,
        day: date[1] as number,
        hour: Number(clock[0]),
        minute: Number(clock[1]),
        second: Number(clock[2]),
        millisecond: milliseconds(clock[3]),
      },
      context.zoneMinutes ?? 0,
    );
    if (time !== null && time <= limit) return time;
  }
  return null;
}

function milliseconds(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function zoneMinutesOf(text: string): number {
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return text.startsWith('-') ? -minutes : minutes;
}

/** The moment of a calendar time that is `zoneMinutes` east of UTC, or null where there is no such day or hour. */
function instantOf(time: CalendarTime, zoneMinutes: number): Instant | null {
  const { year, month, day, hour, minute, second } = time;
  if (month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  const seconds = (hour * 60 + minute - zoneMinutes) * 60 + second;
  return instant(daysSinceEpoch(year, month, day) * dayMilliseconds + seconds * 1000 + time.millisecond);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function monthLength(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (monthLengths[month - 1] as number);
}

/** Days of the proleptic Gregorian calendar from 1970-01-01 on, counted in years that begin in March. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return shifted * 365 + leapDays + dayOfYear - 719_468;
}

/** The calendar time of a moment in UTC. */
function calendarOf(time: Instant): CalendarTime {
  let days = Math.floor(time / dayMilliseconds);
  const ofDay = Math.floor(time - days * dayMilliseconds);
  let year = 1970 + Math.floor(days / 366);
  while (daysSinceEpoch(year + 1, 1, 1) <= days) year++;
  days -= daysSinceEpoch(year, 1, 1);
  let month = 1;
  for (; days >= monthLength(year, month); month++) days -= monthLength(year, month);
  return {
    year,
    month,
    day: days + 1,
    hour: Math.floor(ofDay / 3_600_000),
    minute: Math.floor(ofDay / 60_000) % 60,
    second: Math.floor(ofDay / 1000) % 60,
    millisecond: ofDay % 1000,
  };
}

/** `2025-09-20T02:13:07.123Z`. */
export function formatIsoTime(time: Instant): string {
  const { year, month, day, hour, minute, second, millisecond } = calendarOf(time);
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}.${String(millisecond).padStart(3, '0')}Z`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
