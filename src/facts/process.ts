import type { Located } from './evidence.ts';

/** One process, from /proc/PID/{status,limits,cgroup,cmdline}. */
export interface Process {
  readonly pid: number;
  readonly name: string;
  readonly uid: number;
  readonly threads: Located<number> | null;
  /** Path in the pids hierarchy, or in the unified one where pids is not on v1. */
  readonly cgroup: string | null;
  readonly command: string | null;
  /** `CapEff` as hexadecimal digits, where the file has it. */
  readonly capabilities?: string;
  /** Soft limits of /proc/PID/limits. */
  readonly maxProcesses: Located<number | 'unlimited'> | null;
  readonly maxOpenFiles: Located<number | 'unlimited'> | null;
  readonly maxAddressSpace: Located<number | 'unlimited'> | null;
}
