import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSnapshot } from '../../src/snapshots/index.ts';

const program = fileURLToPath(new URL('../../bin/faultline', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-hostile-'));
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

const save = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';

function snapshotWith(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  for (const [file, content] of Object.entries({ 'netfilter/iptables-nft-save': save, ...files })) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), content);
  }
  return path;
}

function faultline(args: readonly string[], prefix: readonly string[] = []) {
  const [command, ...rest] = [...prefix, program, ...args];
  const { status, stdout, stderr } = spawnSync(command as string, rest, { encoding: 'utf8', timeout: 60_000 });
  expect(stdout + stderr).not.toMatch(/\n\s+at |bug in faultline/);
  return { status, stdout, stderr };
}

const probe = ['--from', '10.0.0.2', '--to', '10.1.0.2:80'];

/** As root a file of mode 0 is readable: another user asks then. */
const other = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];

test.each([
  ['netfilter/iptables-nft-save', 'EACCES'],
  ['cgroup/unified/pids.max', 'EACCES'],
  ['sysctl/net/ipv4/ip_forward', 'net.ipv4.ip_forward'],
  ['logs/kubelet.log', 'undecided'],
  ['packets/a.json', 'undecided'],
])('%s that may not be read is missing, with its errno where it is asked for', (file, named) => {
  const path = snapshotWith(`refused-${file.replaceAll('/', '-')}`, { [file]: '1\n' });
  chmodSync(join(path, file), 0);
  const { status, stdout } = faultline(['diagnose', path, '-o', 'json'], other);
  expect(status).toBe(3);
  expect(stdout).toContain(named);
});

test('a snapshot.json that may not be read does not make a plain folder', () => {
  const path = snapshotWith('refused-manifest', { 'snapshot.json': '{}' });
  chmodSync(join(path, 'snapshot.json'), 0);
  const { status, stderr } = faultline(['diagnose', path], other);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/snapshot\.json: found it could not be read: EACCES/)]);
});

const deep = '['.repeat(200_000) + ']'.repeat(200_000);

test.each([
  ['null where a packet belongs', 'packets/x.json', 'null'],
  ['a number where a packet belongs', 'packets/x.json', '{"interface":"a"}\n7'],
  ['deep nesting where a route belongs', 'net/route.json', `[${deep}]`],
  ['deep nesting inside a routing rule', 'net/rule.json', `[{"priority":1,"tun_id":${deep}}]`],
  ['deep nesting inside a rule of nft', 'netfilter/nft-ruleset.json', nestedMask(50_000)],
  ['a string of 30 MB in JSON that is cut', 'netfilter/nft-ruleset.json', `{"nftables":["${'x'.repeat(30_000_000)}"`],
  ['a number of 3 MB in JSON that is cut', 'netfilter/nft-ruleset.json', `[${'1'.repeat(3_000_000)}`],
])('%s: an answer, no stack trace', (title, file, content) => {
  const path = snapshotWith(title.replaceAll(' ', '-'), { [file]: content });
  expect(faultline(['diagnose', path]).status).toBe(3);
  expect(faultline(['walk', path, ...probe]).status).toBe(3);
});

const listed = (policy: string): string =>
  `{"nftables":[{"chain":{"family":"ip","table":"filter","name":"FORWARD","type":"filter","hook":"forward","prio":0,"policy":"${policy}"}}]}`;

test.each([
  [
    'an empty dump of nft',
    { 'netfilter/iptables-nft-save': '', 'netfilter/nft-ruleset.json': listed('drop') },
    'disagree about chain FORWARD',
  ],
  ['another policy', { 'netfilter/nft-ruleset.json': listed('drop') }, 'disagree about chain FORWARD'],
  ['an empty dump of legacy', { 'netfilter/iptables-legacy-save': '', 'proc/net/ip_tables_names': 'filter\n' }, 'ip_tables_names lists it'],
])('%s against other evidence of the snapshot makes the table unreadable, not empty', (title, files, because) => {
  const opened = openSnapshot(snapshotWith(title.replaceAll(' ', '-'), files));
  if (!opened.ok) throw new Error(opened.problem.found);
  const ruleset = opened.value.rulesets[title.endsWith('legacy') ? 'legacy' : 'nft'].ip;
  expect(ruleset).toMatchObject({ kind: 'read', value: { unreadable: [{ table: 'filter', because: expect.stringContaining(because) }] } });
});

test('dumps that agree leave every table readable', () => {
  const opened = openSnapshot(snapshotWith('agreeing', { 'netfilter/nft-ruleset.json': listed('accept') }));
  expect(opened.ok && opened.value.rulesets.nft.ip).toMatchObject({ kind: 'read', value: { unreadable: [] } });
});

function nestedMask(depth: number): string {
  const left = `${'{"&":['.repeat(depth)}1${',1]}'.repeat(depth)}`;
  const chain = '{"chain":{"family":"ip","table":"filter","name":"FORWARD","type":"filter","hook":"forward","prio":0,"policy":"accept"}}';
  const rule = `{"rule":{"family":"ip","table":"filter","chain":"FORWARD","expr":[{"counter":null},{"match":{"op":"==","left":${left},"right":1}}]}}`;
  return `{"nftables":[${chain},${rule}]}`;
}
