import { type Instant, instant } from '#facts/instant.ts';
import type { LogLevel, LogLine } from '#facts/log.ts';
import { linesOf } from './chunk-lines.ts';
import { parseIsoTime, parseKlogTime } from './parse-time.ts';

export interface LogContext {
  readonly source: string;
  /** Lines without a year were written before this. */
  readonly notAfter: Instant;
  /** When the kernel booted, for /dev/kmsg; null where the snapshot does not tell. */
  readonly bootedAt: Instant | null;
}

/**
 * The lines of a log with their framing taken off: CRI, docker json-file, journal (short-iso, short-iso-precise), kmsg records, klog and Felix.
 * What fits no framing is a message as it stands.
 */
export function* readLogLines(chunks: Iterable<Uint8Array>, context: LogContext): Generator<LogLine> {
  for (const { text, line } of linesOf(chunks)) {
    const frame = unframe(text, context);
    const inner = headOf(frame.message, context);
    yield {
      at: { source: context.source, line },
      time: frame.time ?? inner.time,
      level: inner.level ?? frame.level,
      message: inner.message,
      text,
    };
  }
}

interface Part {
  readonly time: Instant | null;
  readonly level: LogLevel | null;
  readonly message: string;
}

const plain = (message: string): Part => ({ time: null, level: null, message });

/** What the runtime or the journal put around a line. */
function unframe(text: string, context: LogContext): Part {
  if (text.startsWith('{"log":')) return dockerJson(text);
  const kmsg = /^(\d{1,4}),\d+,(\d+),[^;]*;(.*)$/s.exec(text);
  if (kmsg !== null) return kernelRecord(kmsg as unknown as readonly [string, string, string, string], context.bootedAt);
  const time = parseIsoTime(text);
  if (time === null) return plain(text);
  const rest = text.slice(time.length);
  const cri = /^ (?:stdout|stderr) [FP] ?/.exec(rest);
  if (cri !== null) return { time: time.at, level: null, message: rest.slice(cri[0].length) };
  const journal = /^ \S+ [^\s:[]+(?:\[\d+\])?: /.exec(rest);
  return journal === null ? plain(text) : { time: time.at, level: null, message: rest.slice(journal[0].length) };
}

function dockerJson(text: string): Part {
  try {
    const { log, time } = JSON.parse(text) as { readonly log?: unknown; readonly time?: unknown };
    if (typeof log !== 'string') return plain(text);
    return { time: typeof time === 'string' ? (parseIsoTime(time)?.at ?? null) : null, level: null, message: log.replace(/\r?\n$/, '') };
  } catch {
    return plain(text);
  }
}

const kernelLevels: readonly LogLevel[] = ['fatal', 'fatal', 'fatal', 'error', 'warning', 'info', 'info', 'debug'];

/** `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;MESSAGE` (Documentation/ABI/testing/dev-kmsg). */
function kernelRecord([, priority, microseconds, message]: readonly [string, string, string, string], bootedAt: Instant | null): Part {
  const time = bootedAt === null ? null : instant(bootedAt + Math.floor(Number(microseconds) / 1000));
  return { time, level: kernelLevels[Number(priority) & 7] ?? null, message };
}

const klogLevels: Readonly<Record<string, LogLevel>> = { I: 'info', W: 'warning', E: 'error', F: 'fatal' };
const felixLevels: Readonly<Record<string, LogLevel>> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warning',
  ERROR: 'error',
  FATAL: 'fatal',
  PANIC: 'fatal',
};

/** What the component itself put in front of its message. */
function headOf(message: string, context: LogContext): Part {
  const klog = parseKlogTime(message, context.notAfter);
  if (klog !== null)
    return {
      time: klog.at,
      level: klogLevels[klog.level] ?? null,
      message: message.slice(klog.length).replace(/^\s+\d+ [\w.-]+:\d+\] /, ''),
    };
  const time = parseIsoTime(message);
  if (time === null) return plain(message);
  const felix = /^ \[(DEBUG|INFO|WARNING|ERROR|FATAL|PANIC)\]\[\d+\] \S+ \d+: /.exec(message.slice(time.length));
  if (felix === null) return plain(message);
  return { time: time.at, level: felixLevels[felix[1] as string] ?? null, message: message.slice(time.length + felix[0].length) };
}
