import { describeProblem, type Result } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { capture } from '#host/index.ts';
import { openSnapshot, type SnapshotFiles, snapshotOf } from '#snapshots/index.ts';
import { UserError } from './command.ts';
import { version } from './version.ts';

/** Opens what a command is asked about: a recorded directory, or this node, captured into memory. */
export function openSource(source: string | undefined): Snapshot {
  return usable(source === undefined ? snapshotOf(liveNode()) : openSnapshot(source));
}

function usable(opened: Result<Snapshot>): Snapshot {
  if (opened.ok) return opened.value;
  throw new UserError(describeProblem(opened.problem));
}

function liveNode(): SnapshotFiles {
  const files = new Map<string, Uint8Array>();
  const write = (path: string, content: Uint8Array): void => void files.set(path, content);
  capture({ collector: `faultline ${version}`, exec: true, root: '/' }, { write });
  return {
    name: 'this node',
    list: () => [...files.keys()].sort(),
    has: (path) => files.has(path),
    size: (path) => files.get(path)?.length ?? 0,
    chunks: (path, from = 0) => [files.get(path)?.subarray(from) ?? new Uint8Array()],
  };
}
