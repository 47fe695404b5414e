import { type Instant, instant } from '#facts/instant.ts';
import { isObject, type JsonObject, listOf, textOf } from '../json-fields.ts';
import { parseTime } from '../parse-time.ts';
import type { Frame } from './frame.ts';
import { syslogLevel } from './syslog-levels.ts';

/** docker's json-file (`{"log":"...\n","stream":"stderr","time":"..."}`) and `journalctl -o json`; null for other JSON. */
export function unframeJson(text: string, line: number): Frame | null {
  const object = objectIn(text);
  if (object === null) return null;
  const log = textOf(object['log']);
  if (log !== null) return dockerFrame(object, log, text, line);
  const message = journalMessage(object['MESSAGE']);
  if (message === null || object['__REALTIME_TIMESTAMP'] === undefined) return null;
  const priority = Number(object['PRIORITY'] ?? Number.NaN);
  const level = Number.isNaN(priority) ? null : syslogLevel(priority);
  return { text, line, time: microseconds(object['__REALTIME_TIMESTAMP']), level, message, part: null };
}

function objectIn(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function dockerFrame(object: JsonObject, log: string, text: string, line: number): Frame {
  const whole = log.endsWith('\n');
  return {
    text,
    line,
    time: parseTime(textOf(object['time']) ?? ''),
    level: null,
    message: whole ? log.slice(0, log.endsWith('\r\n') ? -2 : -1) : log,
    part: { stream: textOf(object['stream']) ?? '', more: !whole },
  };
}

/** journald writes a message that is not UTF-8 as an array of bytes. */
function journalMessage(value: unknown): string | null {
  if (!Array.isArray(value)) return textOf(value);
  const bytes = listOf(value).filter((byte) => typeof byte === 'number');
  return new TextDecoder().decode(new Uint8Array(bytes));
}

function microseconds(value: unknown): Instant | null {
  const number = Number(value);
  return Number.isFinite(number) ? instant(Math.floor(number / 1000)) : null;
}
