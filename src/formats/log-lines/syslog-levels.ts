import type { LogLevel } from '#facts/log.ts';

/** Syslog severities (RFC 5424, the kernel's KERN_*) as our levels: emerg and alert are fatal, crit and err errors. */
export function syslogLevel(severity: number): LogLevel {
  if (severity <= 1) return 'fatal';
  if (severity <= 3) return 'error';
  if (severity === 4) return 'warning';
  return severity <= 6 ? 'info' : 'debug';
}
