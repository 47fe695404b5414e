import { accessSync, closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a snapshot by relative path. A directory or memory. All reads are synchronous: they need no thread. */
export interface SnapshotFiles {
  readonly name: string;
  /** Relative paths of all files, sorted. */
  list(): readonly string[];
  has(path: string): boolean;
  /** Files that are there and may not be read, with the errno: neither listed nor had, so that they count as missing and not as empty. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Size in bytes. */
  size(path: string): number;
  /** Chunks of the file from byte `from` on. */
  chunks(path: string, from?: number): Iterable<Uint8Array>;
}

/** The files of a capture in memory. */
export function memoryFiles(name: string, files: ReadonlyMap<string, Uint8Array>): SnapshotFiles {
  const bytes = (path: string): Uint8Array => {
    const found = files.get(path);
    if (found === undefined) throw new Error(`no file ${path} in ${name}`);
    return found;
  };
  return {
    name,
    list: () => [...files.keys()].toSorted(),
    has: (path) => files.has(path),
    unreadable: new Map(),
    size: (path) => bytes(path).length,
    chunks: (path, from = 0) => [bytes(path).subarray(from)],
  };
}

/** The regular files below a directory. Links, sockets and FIFOs are passed over: a stranger's bundle must not lead out of itself, nor hang. */
export function directoryFiles(root: string): SnapshotFiles {
  const all = listFiles(root, '').toSorted();
  const unreadable = new Map(all.flatMap((path) => refusal(join(root, path), path)));
  const paths = all.filter((path) => !unreadable.has(path));
  const known = new Set(paths);
  return {
    name: root,
    list: () => paths,
    has: (path) => known.has(path),
    unreadable,
    size: (path) => statSync(join(root, path)).size,
    chunks: (path, from) => fileChunks(join(root, path), from ?? 0),
  };
}

function refusal(file: string, path: string): readonly (readonly [string, string])[] {
  try {
    accessSync(file, constants.R_OK);
    return [];
  } catch (error) {
    return [[path, `it could not be read: ${(error as NodeJS.ErrnoException).code}`]];
  }
}

function listFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return listFiles(root, path);
    return entry.isFile() ? [path] : [];
  });
}

function* fileChunks(path: string, from: number): Generator<Uint8Array> {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    for (let at = from; at < size; ) {
      const chunk = Buffer.allocUnsafe(Math.min(262_144, size - at));
      const length = readSync(fd, chunk, 0, chunk.length, at);
      if (length === 0) return;
      yield chunk.subarray(0, length);
      at += length;
    }
  } finally {
    closeSync(fd);
  }
}
