import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { kernelHas } from './kernel-parts.ts';
import { readIpsets } from './read-ipsets.ts';
import { readNftables } from './read-nftables.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** A root directory with these files. */
function rootWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'faultline-root-'));
  roots.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const release = { 'proc/version': 'Linux', 'proc/sys/kernel/osrelease': '6.1.0\n' };
const modular = { ...release, 'proc/modules': 'veth 40960 0 - Live 0x0\n' };
const builtIn = 'lib/modules/6.1.0/modules.builtin';

// Parts that are found built in are remembered, so each case asks for a part of its own or finds none.
test.each([
  ['a kernel without loadable modules answers for all that it has', release, true],
  ['a loaded module is there', { ...modular, 'sys/module/nf_tables/refcnt': '1\n' }, true],
  ['a module that is neither loaded nor built in is not there', { ...modular, [builtIn]: 'kernel/net/core/foo.ko\n' }, false],
  ['without a list of what is built in its symbols tell', { ...modular, 'proc/kallsyms': '0 T veth_init\n' }, false],
  ['nothing tells where neither can be read', modular, null],
])('%s', (_, files, expected) => {
  expect(kernelHas('nf_tables', rootWith(files))).toBe(expected);
});

test('a part that is not loaded is not asked, which would load it: it has no rules and no sets', () => {
  const root = rootWith({ ...modular, [builtIn]: 'kernel/net/core/foo.ko\n' });
  expect(readNftables(root)).toEqual({ kind: 'none', because: 'nf_tables is not loaded' });
  expect(readIpsets(root)).toEqual({ kind: 'none', because: 'ip_set is not loaded' });
  const silent = rootWith(modular);
  expect(readNftables(silent)).toMatchObject({ kind: 'missing', because: expect.stringMatching(/would load it/) });
});

test('what is built in by its list, or by its symbols, is there', () => {
  expect(kernelHas('ip_set', rootWith({ ...modular, 'proc/kallsyms': '0000000000000000 T ip_set_test\n' }))).toBe(true);
});
