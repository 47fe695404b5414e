import type { Located } from '#facts/evidence.ts';
import type { LimitId, LimitQuestion, LimitUse } from '#facts/limit.ts';

/** What one entry of the limit table found. */
export interface LimitAnswer {
  readonly limits: readonly LimitUse[];
  readonly undecided: readonly LimitQuestion[];
}

/** Less than a tenth of a limit left is `close`. */
const closeShare = 0.1;

/** The state of a limit without regard to its past: no slack binds. */
export function stateNow(use: number, limit: number | null): 'binds' | 'close' | 'free' {
  if (limit === null) return 'free';
  if (use >= limit) return 'binds';
  return limit - use < limit * closeShare ? 'close' : 'free';
}

/** Fills what follows from use and limit. */
export function limitRow(
  row: Omit<LimitUse, 'slack' | 'state' | 'refused' | 'peak'> & Partial<Pick<LimitUse, 'state' | 'refused' | 'peak'>>,
): LimitUse {
  const slack = row.limit === null ? null : row.limit - row.use;
  return { refused: null, peak: null, state: stateNow(row.use, row.limit), ...row, slack };
}

export function rows(...limits: readonly LimitUse[]): LimitAnswer {
  return { limits, undecided: [] };
}

export function question(limit: LimitId, asked: string, missing: string): LimitAnswer {
  return { limits: [], undecided: [{ limit, question: asked, missing }] };
}

/** The number that stands in a sysctl, or null where it is absent or is no number. */
export function numberOf(sysctl: Located<string> | undefined): Located<number> | null {
  if (sysctl === undefined || !/^\d+$/.test(sysctl.value.trim())) return null;
  return { ...sysctl, value: Number(sysctl.value) };
}

/** `1234567` as `1,234,567`. */
export function figure(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
