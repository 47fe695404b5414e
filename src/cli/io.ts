import { writeSync } from 'node:fs';
import { coloured, plain } from '#reports/palette.ts';
import type { Io } from './command.ts';

export type ColorWish = 'auto' | 'always' | 'never';

/** Standard output and error of this process. Writes are synchronous, so that nothing is lost when the process ends. */
export function openIo(color: ColorWish): Io {
  const terminal = process.stdout.isTTY === true;
  const plainWish = process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '';
  const isColoured = color === 'always' || (color === 'auto' && terminal && !plainWish && process.env['TERM'] !== 'dumb');
  return {
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
    terminal,
    color: isColoured,
    palette: isColoured ? coloured : plain,
    width: process.stdout.columns ?? 100,
    fullWidth: process.stdout.columns ?? 400,
  };
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') process.exit(0);
      if (code !== 'EAGAIN') throw error;
    }
  }
}
