import { missing } from '#facts/result.ts';
import { topName } from './dump-names.ts';
import type { SnapshotFiles } from './files.ts';
import type { Manifest } from './manifest.ts';

/** What the readers of a snapshot's parts need. */
export interface Parts {
  readonly files: SnapshotFiles;
  readonly manifest: Manifest;
  /** The first of these paths that is there, or null. */
  find(...paths: readonly string[]): string | null;
  /** The reading of a file that is not there, with the capture's own reason. */
  lacks(path: string): ReturnType<typeof missing>;
}

export function partsOf(files: SnapshotFiles, manifest: Manifest): Parts {
  return {
    files,
    manifest,
    find: (...paths) => paths.find((path) => files.has(path)) ?? null,
    lacks: (path) => {
      const refused = files.unreadable.get(path) ?? files.unreadable.get(topName(path));
      return missing(path, refused ?? manifest.missing.find((each) => each.path === path)?.because ?? 'it is not in the snapshot');
    },
  };
}

/** The capture saw that there is none, as opposed to not having looked. */
export function isProven({ manifest }: Parts, path: string): boolean {
  return manifest.proven.some((each) => each.path === path);
}
