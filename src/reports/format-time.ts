import type { Instant } from '#facts/instant.ts';

/** `2025-09-20` and `02:13:07.123Z`, UTC. Proleptic Gregorian calendar, years 0 to 9999. */
export function formatTime(time: Instant): { readonly date: string; readonly clock: string } {
  const days = Math.floor(time / 86_400_000);
  const inDay = time - days * 86_400_000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const milliseconds = String(Math.floor(inDay % 1000)).padStart(3, '0');
  const clock = `${two(inDay / 3_600_000)}:${two((inDay / 60_000) % 60)}:${two((inDay / 1000) % 60)}.${milliseconds}Z`;
  return { date: civilDate(days), clock };
}

/** ISO 8601. */
export function isoTime(time: Instant): string {
  const { date, clock } = formatTime(time);
  return `${date}T${clock}`;
}

/** Days since 1970-01-01 as a date: counted in 400-year eras that begin on 1 March, so that the leap day is the last of a year. */
function civilDate(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
