import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directorySink } from './directory-sink.ts';

describe('directorySink', () => {
  it('ends with the reason where the kernel has no such directory to make', () => {
    expect(() => directorySink('/proc/faultline-none/below')).toThrow(/cannot write/);
  });

  it('makes the directories above', () => {
    const root = mkdtempSync(join(tmpdir(), 'faultline-'));
    try {
      directorySink(join(root, 'a/b')).write('c/d', Buffer.from('text'));
      expect(readFileSync(join(root, 'a/b/c/d'), 'utf8')).toBe('text');
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
