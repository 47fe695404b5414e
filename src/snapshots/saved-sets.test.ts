import { expect, test } from 'vitest';
import { memoryFiles, snapshotOf } from './index.ts';

test('what ipset save printed is read as that, also under the name of a list', () => {
  const saved = new TextEncoder().encode('create bad hash:ip family inet hashsize 1024 maxelem 65536\nadd bad 203.0.113.5\n');
  const result = snapshotOf(memoryFiles('folder', new Map([['ipset', saved]])));
  expect(result.ok && result.value.ipsets.kind === 'read' && [...result.value.ipsets.value.keys()]).toEqual(['bad']);
});
