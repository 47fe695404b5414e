import type { LogEvent, LogFile } from '#facts/log.ts';

/** All known lines of all logs, oldest first; lines without a time stand where their file has them. */
export function findEvents(_logs: readonly LogFile[]): readonly LogEvent[] {
  throw new Error('not built yet');
}
