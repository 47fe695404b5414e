import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { captureRules } from './capture-rules.ts';
import { Recorder } from './recorder.ts';

test('tools that would load a part of the kernel are not run where it is not loaded: it holds nothing', () => {
  const root = mkdtempSync(join(tmpdir(), 'faultline-root-'));
  const files = { 'proc/version': 'Linux', 'proc/modules': 'veth 1 0 - Live 0x0\n', 'proc/kallsyms': '0 T veth_init\n' };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const record = new Recorder({ write: () => {} }, () => undefined);
  captureRules({ root, exec: true, since: null, record });
  rmSync(root, { recursive: true });
  expect(record.proven).toEqual([
    { path: 'netfilter/iptables-legacy-save', because: '/proc/net/ip_tables_names is absent' },
    { path: 'netfilter/ip6tables-legacy-save', because: '/proc/net/ip6_tables_names is absent' },
    { path: 'netfilter/iptables-nft-save', because: 'nf_tables is not loaded' },
    { path: 'netfilter/ip6tables-nft-save', because: 'nf_tables is not loaded' },
    { path: 'netfilter/nft-ruleset.json', because: 'nf_tables is not loaded' },
    { path: 'netfilter/ipset-save', because: 'ip_set is not loaded' },
  ]);
  expect(Object.keys(record.files).filter((path) => path !== 'netfilter/iptables-version')).toEqual([]);
});
