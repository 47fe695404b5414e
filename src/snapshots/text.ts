import type { SnapshotFiles } from './files.ts';

/** A whole file as text. For files that are small by nature. */
export function textOf(files: SnapshotFiles, path: string): string {
  return Buffer.concat([...files.chunks(path)]).toString('utf8');
}
