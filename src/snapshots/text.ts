import type { SnapshotFiles } from './files.ts';

const decoder = new TextDecoder();

/** A whole file as text. For files that are small by nature. */
export function textOf(files: SnapshotFiles, path: string): string {
  return decoder.decode(bytesOf(files, path));
}

/** A whole file. */
export function bytesOf(files: SnapshotFiles, path: string): Uint8Array {
  const chunks = [...files.chunks(path)];
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}
