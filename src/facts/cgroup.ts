import type { Located } from './evidence.ts';

/** The pids controller's files of one cgroup; a file that is absent or unreadable is null (a root cgroup has no pids.max). */
export interface PidsCgroup {
  /** Path below the controller's root, `/` for the root itself: `/kubepods/burstable/pod12.../abc...`. */
  readonly path: string;
  readonly current: Located<number> | null;
  /** Null where the file is absent; `'max'` where there is no limit. */
  readonly max: Located<number | 'max'> | null;
  /** `max` of pids.events: refused forks. Whose they are depends on version and kernel; see PidsHierarchy.eventsCount. */
  readonly refused: Located<number> | null;
  /** `max` of pids.events.local (v2 from 6.11). */
  readonly refusedLocal: Located<number> | null;
  /** From 6.1 on, v1 and v2. Includes a refused attempt. */
  readonly peak: Located<number> | null;
}

/** Every cgroup of the pids controller that the snapshot holds. */
export interface PidsHierarchy {
  readonly version: 1 | 2;
  /** Snapshot path of the controller's root: `cgroup/pids` or `cgroup/unified`. */
  readonly source: string;
  readonly groups: ReadonlyMap<string, PidsCgroup>;
  /**
   * Whom pids.events counts: the cgroup in which the fork was tried (v1 always, v2 before the 2024 change 385a635cacfe),
   * or the cgroup whose limit refused it and its ancestors.
   */
  readonly eventsCount: 'forking-cgroup' | 'limiting-cgroup';
}
