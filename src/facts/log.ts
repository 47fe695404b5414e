import type { Place } from './evidence.ts';
import type { Instant } from './instant.ts';

export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'fatal';

/** One line of a log with its framing (CRI, docker json-file, journal, kmsg, klog, Felix) taken off. */
export interface LogLine {
  readonly at: Place;
  /** Null where neither framing nor format gives a time. */
  readonly time: Instant | null;
  readonly level: LogLevel | null;
  /** The message without framing and prefix. */
  readonly message: string;
  /** The line as it stands in the file. */
  readonly text: string;
}

/** One log file. `lines()` may be called again; it reads in bounded memory. */
export interface LogFile {
  /** `calico-node`, `kubelet`, `kube-proxy`, `kernel`, `containerd`, ... : the file's name up to the first `.` */
  readonly component: string;
  readonly source: string;
  /** Why only a part of the file is read, or null. */
  readonly cutBecause: string | null;
  lines(): Iterable<LogLine>;
}

/** A line that says something we know (facts of engines/signatures). */
export interface LogEvent {
  /** Stable kebab-case id of the signature, for example `go-thread-create-failed`. */
  readonly signature: string;
  readonly component: string;
  readonly time: Instant | null;
  readonly at: Place;
  readonly text: string;
  /** What the line means, in a few words. */
  readonly meaning: string;
  /** Parts of the message by name, for example `backendMode`, `cgroup`. */
  readonly fields: Readonly<Record<string, string>>;
  /**
   * So many further events of this signature in this file, between this event and the next one of it, are not kept.
   * Left out: none. It bounds what a log of one line a million times can cost.
   */
  readonly suppressed?: number;
}
