import type { Instant } from '#facts/instant.ts';
import type { LogLevel } from '#facts/log.ts';
import { parseSyslogTime, parseTime, type TimeContext } from '../parse-time.ts';
import { unframeJson } from './json-frames.ts';
import { unframeKernelRecord } from './kernel-record.ts';

export interface LogContext extends TimeContext {
  /** Snapshot path of the file. */
  readonly source: string;
  /** When the machine started: kernel records count from it. Null where it is not known. */
  readonly bootedAt: Instant | null;
  /** Line number of the first line given, where a file is read from its middle on. */
  readonly firstLine?: number;
}

/** One line with its framing taken off. */
export interface Frame {
  readonly text: string;
  readonly line: number;
  readonly time: Instant | null;
  readonly level: LogLevel | null;
  readonly message: string;
  /** Where the runtime split a message: the stream it belongs to, and whether more follows. */
  readonly part: { readonly stream: string; readonly more: boolean } | null;
}

/** Container runtime interface: `TIME stdout|stderr P|F MESSAGE` (kubelet, cri/logs). */
const cri = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([PF])(?::[^ ]*)?(?: (.*))?$/s;
const journal = /^(\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)) \S+ [^\s:[]+(?:\[\d+\])?: (.*)$/s;
const syslog = /^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?) \S+ [^\s:[]+(?:\[\d+\])?: (.*)$/s;
const kernelRecord = /^\d+,\d+,\d+,/;

/** Takes off what a line is framed with; a line that fits no frame is its own message. */
export function unframe(text: string, line: number, context: LogContext): Frame {
  const first = text.charCodeAt(0);
  if (first === 123) return unframeJson(text, line) ?? plain(text, line);
  if (first >= 48 && first <= 57) return unframeDigits(text, line, context);
  const parts = first >= 65 && first <= 90 ? syslog.exec(text) : null;
  const time = parts === null ? null : parseSyslogTime(parts[1] as string, context);
  return parts === null || time === null ? plain(text, line) : { ...plain(text, line), time, message: parts[2] as string };
}

function unframeDigits(text: string, line: number, context: LogContext): Frame {
  if (kernelRecord.test(text)) return unframeKernelRecord(text, line, context) ?? plain(text, line);
  if (text.charCodeAt(10) !== 84) return plain(text, line);
  const container = cri.exec(text);
  if (container !== null) {
    const part = { stream: container[2] as string, more: container[3] === 'P' };
    return { ...plain(text, line), time: parseTime(container[1] as string), message: container[4] ?? '', part };
  }
  const parts = journal.exec(text);
  if (parts === null) return plain(text, line);
  return { ...plain(text, line), time: parseTime(parts[1] as string), message: parts[2] as string };
}

function plain(text: string, line: number): Frame {
  return { text, line, time: null, level: null, message: text, part: null };
}
