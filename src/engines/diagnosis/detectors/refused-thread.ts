import type { LogEvent } from '#facts/log.ts';

const signatures: ReadonlySet<string> = new Set([
  'go-thread-create-failed',
  'go-os-thread-failed',
  'go-newosproc',
  'exec-failed',
  'shell-fork-failed',
  'oci-runtime-failed',
]);

/** A log line that says that a thread or a program could not be started. */
export function refusedThread(event: LogEvent): boolean {
  return signatures.has(event.signature);
}
