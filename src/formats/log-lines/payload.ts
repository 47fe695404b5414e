import type { Instant } from '#facts/instant.ts';
import type { LogLevel } from '#facts/log.ts';
import { parseKlogTime, parseTime, type TimeContext } from '../parse-time.ts';

export interface Payload {
  readonly time: Instant | null;
  readonly level: LogLevel | null;
  readonly message: string;
}

/** klog (`k8s.io/klog`): `I0920 02:13:07.123456   12345 file.go:12] MESSAGE`. */
const klog = /^([IWEF])(\d{4} \d\d:\d\d:\d\d\.\d{6})\s+\d+ [^\s\]]+:\d+\] (.*)$/s;
/** Felix and Calico's other daemons: `2025-09-20 02:13:07.123 [INFO][56] felix/int_dataplane.go 123: MESSAGE`. */
const felix = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) \[([A-Z]+)\]\[\d+\] (?:\S+ \d+: )?(.*)$/s;
/** logfmt of logrus (containerd, dockerd): `time="..." level=info msg="..."`; the other fields stay part of the message. */
const logrus = /^time="([^"]+)" level=([a-z]+) msg=(.*)$/s;

const letters: Readonly<Record<string, LogLevel>> = { I: 'info', W: 'warning', E: 'error', F: 'fatal' };
const words: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warning',
  warning: 'warning',
  error: 'error',
  fatal: 'fatal',
  panic: 'fatal',
};

/** Time and level that the program itself wrote in front of its message. */
export function parsePayload(text: string, context: TimeContext): Payload {
  const first = text.charCodeAt(0);
  if (first === 116) return logrusPayload(text) ?? plain(text);
  if (first >= 48 && first <= 57) {
    const parts = felix.exec(text);
    if (parts === null) return plain(text);
    return {
      time: parseTime(parts[1] as string, { zoneMinutes: context.zoneMinutes ?? 0 }),
      level: levelOf(parts[2] as string),
      message: parts[3] as string,
    };
  }
  const parts = first === 73 || first === 87 || first === 69 || first === 70 ? klog.exec(text) : null;
  if (parts === null) return plain(text);
  return { time: parseKlogTime(parts[2] as string, context), level: letters[parts[1] as string] ?? null, message: parts[3] as string };
}

function logrusPayload(text: string): Payload | null {
  const parts = logrus.exec(text);
  if (parts === null) return null;
  return { time: parseTime(parts[1] as string), level: levelOf(parts[2] as string), message: unquoted(parts[3] as string) };
}

function unquoted(text: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"(.*)$/s.exec(text);
  if (quoted === null) return text;
  return (quoted[1] as string).replace(/\\(["\\])/g, '$1').replaceAll('\\n', '\n') + (quoted[2] as string);
}

function levelOf(word: string): LogLevel | null {
  return words[word.toLowerCase()] ?? null;
}

function plain(message: string): Payload {
  return { time: null, level: null, message };
}
