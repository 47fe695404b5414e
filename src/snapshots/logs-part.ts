import { instant } from '#facts/instant.ts';
import type { LogFile } from '#facts/log.ts';
import type { Gap } from '#facts/snapshot.ts';
import { type LogContext, readLogLines } from '#formats/log-lines.ts';
import { lineValue } from '#formats/procfs.ts';
import type { Parts } from './parts.ts';
import { textOf } from './text.ts';

const newline = 10;

/** Of a larger log only the end is read: the newest lines tell most. */
const maxLogBytes = 256 * 1024 * 1024;

export function readLogs(parts: Parts): { readonly logs: readonly LogFile[]; readonly gaps: readonly Gap[] } {
  const bootedAt = bootTime(parts);
  const { capturedAt } = parts.manifest;
  // Log lines without a year are not of the future.
  const notAfter = instant(capturedAt === null ? Date.now() : Date.parse(capturedAt));
  const logs = parts.files
    .list()
    .filter((path) => path.startsWith('logs/'))
    .map((source): LogFile => {
      const size = parts.files.size(source);
      const from = Math.max(0, size - maxLogBytes);
      const context: LogContext = { source, notAfter, bootedAt };
      return {
        component: source.slice('logs/'.length).split('.')[0] as string,
        source,
        cutBecause:
          from > 0
            ? `only the last ${maxLogBytes / 1024 / 1024} MiB of ${size} bytes are read`
            : (parts.manifest.files[source]?.cut ?? null),
        lines: () => readLogLines(...tailOf(parts, context, from)),
      };
    });
  return { logs, gaps: logs.flatMap(({ source, cutBecause }) => (cutBecause === null ? [] : [{ source, because: cutBecause }])) };
}

/** The whole lines from byte `from` on, numbered as they are in the file: evidence cites lines of the file, not of what was read. */
function tailOf({ files }: Parts, context: LogContext, from: number): [Iterable<Uint8Array>, LogContext] {
  if (from === 0) return [files.chunks(context.source), context];
  let at = 0;
  let line = 1;
  for (const chunk of files.chunks(context.source)) {
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, end + 1)) {
      line++;
      if (at + end >= from - 1) return [files.chunks(context.source, at + end + 1), { ...context, firstLine: line }];
    }
    at += chunk.length;
  }
  return [[], context];
}

/** `btime` of /proc/stat: seconds since 1970. */
function bootTime(parts: Parts): LogContext['bootedAt'] {
  if (!parts.files.has('proc/stat')) return null;
  const found = lineValue(textOf(parts.files, 'proc/stat'), 'proc/stat', (line) =>
    line.startsWith('btime ') ? Number(line.slice('btime '.length)) : null,
  );
  return found === null ? null : instant(found.value * 1000);
}
