import type { SnapshotFiles } from './files.ts';

const decoder = new TextDecoder();

/** A whole file as text. For files that are small by nature. */
export function textOf(files: SnapshotFiles, path: string): string {
  const chunks = [...files.chunks(path)];
  return decoder.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
}
