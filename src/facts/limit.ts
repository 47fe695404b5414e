import type { Evidence } from './evidence.ts';

export type LimitId =
  | 'cgroup-pids'
  | 'kernel.pid_max'
  | 'kernel.threads-max'
  | 'rlimit-nproc'
  | 'rlimit-nofile'
  | 'vm.max_map_count'
  | 'fs.file-max'
  | 'inotify-instances'
  | 'inotify-watches'
  | 'user-namespaces'
  | 'nf_conntrack_max'
  | 'neighbour-gc_thresh3';

/** One limit of this node with its use. `slack` = limit - use; units are counts of what `unit` says. */
export interface LimitUse {
  readonly id: LimitId;
  /** What it limits: `kubepods`, `kubepods/burstable/pod.../...`, `host`, `uid 1000`, `process 812 (java)`. */
  readonly subject: string;
  readonly use: number;
  /** Null: there is no limit. */
  readonly limit: number | null;
  readonly slack: number | null;
  readonly unit: 'tasks' | 'files' | 'maps' | 'instances' | 'watches' | 'namespaces' | 'connections' | 'neighbours';
  /** Forks refused because of this limit, where the kernel counts them; null where it does not. */
  readonly refused: number | null;
  /** Highest use the kernel remembers; null where it does not. */
  readonly peak: number | null;
  /** `binds`: no room now. `bound`: it refused something earlier and has room now. */
  readonly state: 'binds' | 'bound' | 'close' | 'free';
  /** Present where `bound` is not proven: refusals fit this limit and no other that can be seen, but one may have been lifted or be hidden. */
  readonly confidence?: 'supported';
  readonly owner: string;
  /** Present where `use` is a lower bound or estimate and the kernel's own number is not in the snapshot. */
  readonly estimated?: true;
  readonly evidence: readonly Evidence[];
}

export interface LimitReport {
  /** Least slack relative to the limit first; the binding one is first. */
  readonly limits: readonly LimitUse[];
  readonly binding: LimitUse | null;
  readonly undecided: readonly LimitQuestion[];
}

/** What could not be told about a limit, and what was missing for it. */
export interface LimitQuestion {
  readonly limit: LimitId;
  readonly question: string;
  readonly missing: string;
  /** No capture holds what this needs: worth listing in a diagnosis only where a log line points at this limit (EMFILE, ENOSPC, `table overflow`). */
  readonly routine?: true;
}
