import { describeProblem } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { shown } from '#formats/shown.ts';
import { capture } from '#host/index.ts';
import { memoryFiles, openSnapshot, snapshotOf } from '#snapshots/index.ts';
import { UserError } from './command.ts';
import { version } from './version.ts';

/** Opens SOURCE, or captures this node into memory where none is given. Throws UserError. */
export function openSource(source: string | undefined, options: { readonly noExec?: boolean } = {}): Snapshot {
  const result = source === undefined ? snapshotOf(memoryFiles('this node', captureHere(options.noExec !== true))) : openSnapshot(source);
  if (!result.ok) throw new UserError(shown(describeProblem(result.problem), 400));
  return result.value;
}

function captureHere(exec: boolean): ReadonlyMap<string, Uint8Array> {
  if (process.platform !== 'linux') throw new UserError(`this node runs ${process.platform}: name a snapshot directory, or run on Linux`);
  const files = new Map<string, Uint8Array>();
  capture({ collector: `faultline ${version}`, exec, root: '/' }, { write: (path, content) => files.set(path, content) });
  return files;
}
