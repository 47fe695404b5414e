import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** With those above it. Node's own way (`recursive`) never ends where a file system refuses new directories with ENOENT, as procfs does. */
export function makeDirectory(path: string, mode?: number): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeDirectory(dirname(path), mode);
  mkdirSync(path, { mode });
}
