import { type Instant, instant } from '#facts/instant.ts';

const daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** Milliseconds since 1970 of a moment in UTC; month 1 to 12. */
export function utc(
  year: number,
  month: number,
  day: number,
  time: { readonly hour: number; readonly minute: number; readonly second: number; readonly milli: number },
): Instant {
  const leaps = (y: number): number => Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  const before = month > 2 ? year : year - 1;
  const days = (year - 1970) * 365 + leaps(before) - leaps(1969) + (daysBeforeMonth[month - 1] as number) + day - 1;
  return instant((((days * 24 + time.hour) * 60 + time.minute) * 60 + time.second) * 1000 + time.milli);
}

const iso = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?:Z|([+-])(\d{2}):?(\d{2}))?/;

/** The start of the text as RFC 3339, or with a blank for `T`; a time without zone is UTC. `length` is what was read. */
export function parseIsoTime(text: string): { readonly at: Instant; readonly length: number } | null {
  const parts = iso.exec(text);
  if (parts === null) return null;
  const [whole, year, month, day, hour, minute, second, fraction, sign, zoneHour, zoneMinute] = parts;
  if (Number(month) < 1 || Number(month) > 12) return null;
  const milli = Math.floor(Number(`0.${fraction ?? 0}`) * 1000);
  const local = utc(Number(year), Number(month), Number(day), {
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    milli,
  });
  const zone = sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  return { at: instant(local - zone), length: whole.length };
}

const klog = /^([IWEF])(\d{2})(\d{2}) (\d{2}):(\d{2}):(\d{2})\.(\d{6})/;

/** klog's `I0920 02:13:07.123456`: the year is the one that puts the line at or before `notAfter` (a day's grace), the zone is UTC. */
export function parseKlogTime(
  text: string,
  notAfter: Instant,
): { readonly at: Instant; readonly level: string; readonly length: number } | null {
  const parts = klog.exec(text);
  if (parts === null) return null;
  const [whole, level, month, day, hour, minute, second, micro] = parts as unknown as readonly [string, string, ...string[]];
  if (Number(month) < 1 || Number(month) > 12) return null;
  const time = { hour: Number(hour), minute: Number(minute), second: Number(second), milli: Math.floor(Number(micro) / 1000) };
  const year = yearOf(notAfter);
  const at = utc(year, Number(month), Number(day), time);
  return { at: at > notAfter + 86_400_000 ? utc(year - 1, Number(month), Number(day), time) : at, level, length: whole.length };
}

/** The calendar year of a moment, in UTC. */
export function yearOf(at: Instant): number {
  return Number(formatIsoTime(at).slice(0, 4));
}

/** `2025-09-20T02:13:07.123Z`. */
export function formatIsoTime(at: Instant): string {
  const days = Math.floor(at / 86_400_000);
  const rest = at - days * 86_400_000;
  // Civil date from days, by eras of 400 years that start in March.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  const second = Math.floor(rest / 1000);
  const clock = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}.${String(rest % 1000).padStart(3, '0')}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}Z`;
}
