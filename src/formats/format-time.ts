import type { Instant } from '#facts/instant.ts';
import { calendarOf } from './parse-time.ts';

/** `2025-09-20T02:13:07Z`, with `.123` where there are milliseconds: UTC, ISO 8601. */
export function formatTime(time: Instant): string {
  const { year, month, day, millisecond } = calendarOf(time);
  const fraction = millisecond === 0 ? '' : `.${String(millisecond).padStart(3, '0')}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${formatClock(time)}${fraction}Z`;
}

/** `02:13:07`, UTC. */
export function formatClock(time: Instant): string {
  const { hour, minute, second } = calendarOf(time);
  return `${two(hour)}:${two(minute)}:${two(second)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
