import { shown } from '#formats/shown.ts';
import { version } from './version.ts';

/** A failed system call is the machine's answer; anything else is a bug of ours. Neither may pass for findings (status 1). */
export function unexpectedFailure(error: unknown): string {
  const { code, syscall, path, message, stack }: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error));
  if (code !== undefined && syscall !== undefined) return shown(`${path ?? syscall}: ${code}`, 400);
  const bug = `this is a bug in faultline ${version}: ${shown(message, 300)}`;
  const debug = process.env['FAULTLINE_DEBUG'] === '1';
  return debug ? `${bug}\n${stack ?? ''}` : `${bug} (FAULTLINE_DEBUG=1 shows where)`;
}
