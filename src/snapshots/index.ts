import type { Result } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';

/** Files of a snapshot by relative path. A directory, an archive or memory. All reads are synchronous. */
export interface SnapshotFiles {
  readonly name: string;
  /** Relative paths of all files, sorted. */
  list(): readonly string[];
  has(path: string): boolean;
  /** Size in bytes. */
  size(path: string): number;
  /** Chunks of the file from `from` on. */
  chunks(path: string, from?: number): Iterable<Uint8Array>;
}

export function snapshotOf(_files: SnapshotFiles): Result<Snapshot> {
  throw new Error('not built yet');
}

/** Opens a directory: our own snapshot, or a plain folder that holds only dumps. */
export function openSnapshot(_path: string): Result<Snapshot> {
  throw new Error('not built yet');
}
