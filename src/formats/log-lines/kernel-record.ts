import { instant } from '#facts/instant.ts';
import type { Frame, LogContext } from './frame.ts';
import { syslogLevel } from './syslog-levels.ts';

/**
 * A record of /dev/kmsg: `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,...];TEXT` (Documentation/ABI/testing/dev-kmsg). The low three bits of
 * the priority are the severity; microseconds count from the start of the machine, without the time it was suspended.
 */
export function unframeKernelRecord(text: string, line: number, context: LogContext): Frame | null {
  const parts = /^(\d+),\d+,(\d+),[^;]*;(.*)$/s.exec(text);
  if (parts === null) return null;
  const time = context.bootedAt === null ? null : instant(context.bootedAt + Math.floor(Number(parts[2]) / 1000));
  return { text, line, time, level: syslogLevel(Number(parts[1]) & 7), message: unescaped(parts[3] as string), part: null };
}

/** The kernel writes bytes that are not printable as `\xHH`. */
function unescaped(text: string): string {
  if (!text.includes('\\x')) return text;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const piece of text.split(/(\\x[0-9a-f]{2})/)) {
    if (/^\\x[0-9a-f]{2}$/.test(piece)) bytes.push(Number.parseInt(piece.slice(2), 16));
    else bytes.push(...encoder.encode(piece));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
