import { createHash } from 'node:crypto';
import type { Gap } from '#facts/snapshot.ts';
import type { Parts } from './parts.ts';

/** Rules and logs may be large; a snapshot's whole is checked up to this size, so that opening stays fast. */
const maxCheckedBytes = 4 * 1024 * 1024;

/** Files that are not what the capture wrote: a recording that was edited by hand must be noticed. */
export function integrityGaps({ files, manifest }: Parts): readonly Gap[] {
  const refused = [...files.unreadable].map(([source, because]) => ({ source, because }));
  return refused.concat(
    Object.entries(manifest.files).flatMap(([path, { bytes, sha256 }]): readonly Gap[] => {
      if (files.unreadable.has(path)) return [];
      if (!files.has(path)) return [{ source: path, because: 'snapshot.json lists it, and it is not there' }];
      if (files.size(path) !== bytes)
        return [{ source: path, because: `${files.size(path)} bytes where the capture wrote ${bytes}: it was changed` }];
      if (bytes > maxCheckedBytes) return [];
      const hash = createHash('sha256');
      for (const chunk of files.chunks(path)) hash.update(chunk);
      return hash.digest('hex') === sha256 ? [] : [{ source: path, because: 'its SHA-256 is not that of the capture: it was changed' }];
    }),
  );
}
