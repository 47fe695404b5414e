import { afterEach, expect, test, vi } from 'vitest';
import { unexpectedFailure } from './unexpected-failure.ts';

afterEach(() => vi.unstubAllEnvs());

test('a failed system call is named by its path and errno', () => {
  const error = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read', path: '/mnt/a\x1b[2J' });
  expect(unexpectedFailure(error)).toBe('/mnt/a\\x1b[2J: EIO');
});

test('anything else is one line that calls it a bug, and the stack only where it is asked for', () => {
  const error = new TypeError('x is not\na function');
  expect(unexpectedFailure(error)).toMatch(/^this is a bug in faultline [\d.]+: x is not\\na function \(FAULTLINE_DEBUG=1 shows where\)$/);
  vi.stubEnv('FAULTLINE_DEBUG', '1');
  expect(unexpectedFailure(error)).toMatch(/\n\s+at /);
});
