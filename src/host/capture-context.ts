import type { Recorder } from './recorder.ts';

/** What every part of a capture needs. */
export interface Capture {
  /** Without a slash at its end: empty for this node's own root. */
  readonly root: string;
  readonly exec: boolean;
  /** Milliseconds since 1970; older log lines may be left out. Null: no bound. */
  readonly since: number | null;
  readonly record: Recorder;
}
