import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDirectory } from './make-directory.ts';

test('directories are made with those above them', () => {
  const root = mkdtempSync(join(tmpdir(), 'faultline-directory-'));
  try {
    makeDirectory(join(root, 'a', 'b'));
    makeDirectory(join(root, 'a', 'b'));
    expect(existsSync(join(root, 'a', 'b'))).toBe(true);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test.runIf(process.platform === 'linux')('a file system that takes none is an error and no endless loop', () => {
  expect(() => makeDirectory('/proc/no/such')).toThrow(/ENOENT/);
});
