import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';

/** A file's content, or why there is none. `cut`: only the last `maxBytes` were taken. */
export type FileContent =
  | { readonly ok: true; readonly content: Uint8Array; readonly cut: boolean }
  | { readonly ok: false; readonly because: string };

/**
 * Reads a file synchronously: synchronous calls need no thread, so they work when the node cannot make one. Files of /proc and /sys
 * have no size before they are read. Without O_NONBLOCK a FIFO in a log folder would hang the capture.
 */
export function readWhole(path: string, maxBytes: number): FileContent {
  try {
    const size = statSync(path).size;
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readFrom(fd, Math.max(0, size - maxBytes), maxBytes);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return { ok: false, because: reasonOf(error) };
  }
}

function readFrom(fd: number, start: number, maxBytes: number): FileContent {
  const parts: Uint8Array[] = [];
  let total = 0;
  while (total < maxBytes) {
    const part = Buffer.alloc(Math.min(65_536, maxBytes - total));
    const length = readSync(fd, part, 0, part.length, start > 0 ? start + total : null);
    if (length === 0) break;
    parts.push(part.subarray(0, length));
    total += length;
  }
  return { ok: true, content: Buffer.concat(parts), cut: start > 0 };
}

/** `ENOENT: no such file or directory` without the path, which the caller names. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : `${code}: ${message.replace(/^[A-Z]+: /, '').replace(/, .*$/s, '')}`;
}
