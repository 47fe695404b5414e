import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CaptureSink } from '#host/index.ts';
import { UserError } from './command.ts';

/**
 * Writes a capture below a directory that does not exist yet or is empty. Only its owner may read it: logs and environments hold secrets.
 * Throws UserError where it cannot write.
 */
export function directorySink(directory: string): CaptureSink {
  explained(directory, () => makeDirectory(directory));
  if (explained(directory, () => readdirSync(directory)).length > 0) throw new UserError(`${directory}: the directory is not empty`);
  return {
    write(path, content) {
      const target = join(directory, path);
      explained(target, () => {
        makeDirectory(dirname(target));
        writeFileSync(target, content, { mode: 0o600, flag: 'wx' });
      });
    },
  };
}

/** Step by step: Node's recursive mkdir never ends where the kernel refuses a directory with ENOENT, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  mkdirSync(path, { mode: 0o700 });
}

function explained<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError(`${path}: cannot write: ${code === 'EEXIST' ? 'it exists already' : message.replace(/, .*$/s, '')}`, {
      cause: error,
    });
  }
}
