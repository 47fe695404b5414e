import type { LogLine } from '#facts/log.ts';
import { linesOf } from './chunk-lines.ts';
import { type Frame, type LogContext, unframe } from './log-lines/frame.ts';
import { joinPartials } from './log-lines/partials.ts';
import { parsePayload } from './log-lines/payload.ts';

export type { LogContext } from './log-lines/frame.ts';

/**
 * The lines of one log, whatever frames them: CRI, docker json-file, journal (`short-iso`, `short-iso-precise`, `-o json`), syslog,
 * /dev/kmsg records, or nothing. Inside, the prefixes of klog, Felix and logfmt give time and level. A message that the runtime
 * split (CRI `P`, docker without `\n`) is one line, placed where its first part stands. Streams: memory of one chunk and one message.
 */
export function* readLogLines(chunks: Iterable<Uint8Array>, context: LogContext): Generator<LogLine, void> {
  for (const frame of joinPartials(framesOf(chunks, context))) yield lineOf(frame, context);
}

function* framesOf(chunks: Iterable<Uint8Array>, context: LogContext): Generator<Frame, void> {
  const firstLine = context.firstLine ?? 1;
  for (const { text, line } of linesOf(chunks)) yield unframe(text, line + firstLine - 1, context);
}

/** The frame's time comes first: it names its zone, which the payload's often does not. */
function lineOf(frame: Frame, context: LogContext): LogLine {
  const payload = parsePayload(frame.message, context);
  return {
    at: { source: context.source, line: frame.line },
    time: frame.time ?? payload.time,
    level: payload.level ?? frame.level,
    message: payload.message,
    text: frame.text,
  };
}
