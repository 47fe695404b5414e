import { instant } from '#facts/instant.ts';
import type { LogFile } from '#facts/log.ts';
import type { Gap } from '#facts/snapshot.ts';
import { type LogContext, readLogLines } from '#formats/log-lines.ts';
import { lineValue } from '#formats/procfs.ts';
import type { Parts } from './parts.ts';
import { textOf } from './text.ts';

/** Of a larger log only the end is read: the newest lines tell most. */
const maxLogBytes = 256 * 1024 * 1024;

export function readLogs(parts: Parts): { readonly logs: readonly LogFile[]; readonly gaps: readonly Gap[] } {
  const bootedAt = bootTime(parts);
  const logs = parts.files
    .list()
    .filter((path) => path.startsWith('logs/'))
    .map((source): LogFile => {
      const size = parts.files.size(source);
      const from = Math.max(0, size - maxLogBytes);
      const context: LogContext = { source, notAfter: instant(Date.parse(parts.manifest.capturedAt)), bootedAt };
      return {
        component: source.slice('logs/'.length).split('.')[0] as string,
        source,
        cutBecause:
          from > 0
            ? `only the last ${maxLogBytes / 1024 / 1024} MiB of ${size} bytes are read`
            : (parts.manifest.files[source]?.cut ?? null),
        lines: () => readLogLines(parts.files.chunks(source, from), context),
      };
    });
  return { logs, gaps: logs.flatMap(({ source, cutBecause }) => (cutBecause === null ? [] : [{ source, because: cutBecause }])) };
}

/** `btime` of /proc/stat: seconds since 1970. */
function bootTime(parts: Parts): LogContext['bootedAt'] {
  if (!parts.files.has('proc/stat')) return null;
  const found = lineValue(textOf(parts.files, 'proc/stat'), 'proc/stat', (line) =>
    line.startsWith('btime ') ? Number(line.slice('btime '.length)) : null,
  );
  return found === null ? null : instant(found.value * 1000);
}
