import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../bin/faultline', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-backends-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function backends(probes: unknown, ...args: readonly string[]): Ran {
  const file = join(folder, 'probes.json');
  writeFileSync(file, typeof probes === 'string' ? probes : JSON.stringify(probes));
  return spawnSync(program, ['backends', '--probes', file, ...args], { encoding: 'utf8' });
}

const saves = ['iptables-legacy-save', 'ip6tables-legacy-save', 'iptables-nft-save', 'ip6tables-nft-save'];
const all = (outcome: object): object => Object.fromEntries(saves.map((save) => [save, outcome]));
const healthy = { ...all({ ok: true, rules: 0, kubeHint: false }), 'iptables-nft-save': { ok: true, rules: 90, kubeHint: true } };

test.each(['v3.18.1', 'v3.26.0', 'v3.31.0', 'master'])('Felix %s with every probe failing chooses legacy', (version) => {
  const { status, stdout } = backends(all({ ok: false }), '--replay', `felix@${version}`, '-o', 'json');
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ apiVersion: 'faultline.dev/v1', kind: 'BackendReport' });
  expect(report.replay).toMatchObject({
    component: 'felix',
    version,
    configured: 'auto',
    detected: 'legacy',
    effective: 'legacy',
    warning: null,
  });
  expect(report.replay.branch).toBe('all probes failed and count as 0 rules, 0 >= 0: legacy');
  expect(status).toBe(0);
});

test('--fail makes probes of a healthy node fail', () => {
  expect(JSON.parse(backends(healthy, '--replay', 'felix@v3.26.0', '-o', 'json').stdout).replay.effective).toBe('nft');
  const failing = backends(healthy, '--replay', 'felix@v3.26.0', '--fail', 'iptables-nft-save,ip6tables-nft-save', '-o', 'json');
  expect(JSON.parse(failing.stdout).replay.effective).toBe('legacy');
});

test('a pin that differs from what is detected is reported', () => {
  const { stdout } = backends(healthy, '--replay', 'felix@v3.26.0', '--configured', 'legacy');
  expect(stdout).toContain('would choose legacy (told legacy, detects nft)');
  expect(stdout).toContain('warning: legacy is specified and nft detected');
});

test('an unknown version and an unknown outcome end with status 3', () => {
  expect(backends(healthy, '--replay', 'felix@v9.9.9')).toMatchObject({ status: 3, stdout: expect.stringContaining("'v9.9.9'") });
  const partly = { 'iptables-nft-save': { ok: true, rules: 3, kubeHint: false } };
  expect(backends(partly, '--replay', 'felix@v3.18.1')).toMatchObject({
    status: 3,
    stdout: expect.stringContaining('iptables-legacy-save'),
  });
});

test.each<[string, unknown, RegExp]>([
  ['text that is no JSON', '{', /not JSON/],
  ['an unknown command', { 'iptables-save': { ok: true } }, /iptables-save/],
  ['a count that is none', { 'iptables-nft-save': { ok: true, rules: -1, kubeHint: false } }, /'iptables-nft-save' > 'rules'/],
  ['a success without its figures', { 'iptables-nft-save': { ok: true } }, /'iptables-nft-save' > 'rules'/],
])('%s is refused with its place and status 2', (_what, probes, message) => {
  const { status, stderr, stdout } = backends(probes, '--replay', 'felix@v3.18.1');
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect([status, stdout]).toEqual([2, '']);
});

test.each([
  ['--replay', 'felx@v3.18.1'],
  ['--replay', 'felix'],
  ['--replay', 'felix@v3.18.1', '--fail', 'iptables'],
  ['--replay', 'felix@v3.18.1', '--configured', 'ntf'],
  ['--replay', 'felix@v3.18.1', '-o', 'yaml'],
  ['--configured', 'nft'],
])('wrong usage ends with status 2 and one line: %s %s %s %s', (...args) => {
  const { status, stderr } = backends(healthy, ...args.filter((arg) => arg !== undefined));
  expect(stderr).toMatch(/^faultline: --/);
  expect([status, stderr.trim().split('\n').length]).toEqual([2, 1]);
});
