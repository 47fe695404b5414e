import { UserError } from './command.ts';

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `45s`, `90m`, `24h` or `7d`, as an option's value. Throws UserError. */
export function durationOf(text: string, option: string): number {
  const parts = /^(\d{1,6})([smhd])$/.exec(text);
  const unit = units[parts?.[2] ?? ''];
  if (parts === null || unit === undefined) throw new UserError(`${option}: found '${text}', expected a duration such as 90m, 24h or 7d`);
  return Number(parts[1]) * unit;
}
