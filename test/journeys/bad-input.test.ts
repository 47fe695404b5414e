import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSnapshot } from '../../src/snapshots/index.ts';

const program = fileURLToPath(new URL('../../bin/faultline', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-bad-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const at = (...parts: readonly string[]) => join(folder, ...parts);
const run = (...args: readonly string[]) => spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });

/** A snapshot directory with these files and nothing wrong about itself. */
function snapshotWith(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  mkdirSync(at(name), { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(at(name, path, '..'), { recursive: true });
    writeFileSync(at(name, path), content);
  }
  const head = { formatVersion: 1, node: 'n1', capturedAt: '2025-09-20T03:00:00Z', collector: 'test', kernel: null, notes: [] };
  writeFileSync(at(name, 'snapshot.json'), JSON.stringify({ ...head, files: {}, missing: [], proven: [] }));
  return at(name);
}

function opened(path: string) {
  const result = openSnapshot(path);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

const save = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT\n';

test.each([
  ['a path that is not there', () => at('nowhere'), /nowhere: found no such file or directory, expected a snapshot directory/],
  [
    'a file',
    () => {
      writeFileSync(at('file'), 'x');
      return at('file');
    },
    /file: found a file, expected a snapshot directory/,
  ],
  [
    'a directory that is no snapshot',
    () => {
      mkdirSync(at('other'));
      writeFileSync(at('other', 'readme'), 'x');
      return at('other');
    },
    /other: found 1 file, none of a snapshot/,
  ],
  [
    'a snapshot.json that is cut',
    () => {
      const path = snapshotWith('cut', {});
      writeFileSync(join(path, 'snapshot.json'), '{\n"formatVersion": 1,\n');
      return path;
    },
    /snapshot\.json:3: found the end of the file, expected JSON/,
  ],
  [
    'a snapshot.json of another shape, with escape sequences in its values',
    () => {
      const path = snapshotWith('shape', {});
      writeFileSync(join(path, 'snapshot.json'), JSON.stringify({ formatVersion: '\x1b[2J' }));
      return path;
    },
    /snapshot\.json: found formatVersion: /,
  ],
])('%s: one clear line, exit status 2, no stack trace', (_, prepare, message) => {
  const { status, stdout, stderr } = run('timeline', prepare());
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr + stdout).not.toMatch(/[^\n\P{Cc}]|\n\s+at /u);
  expect(status).toBe(2);
});

test.each([
  ['cut in the middle', save.slice(0, 40), /iptables-nft-save:\d+: found .*, expected /],
  ['binary', Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256), /iptables-nft-save:1: found .*, expected /],
  ['without its COMMIT', save.replace('COMMIT\n', ''), /COMMIT/],
])('a rules file that is %s is missing with its reason, and the rest of the snapshot serves', (name, content, because) => {
  const { rulesets } = opened(
    snapshotWith(`rules-${name}`, { 'netfilter/iptables-nft-save': content, 'netfilter/ip6tables-nft-save': save }),
  );
  expect(rulesets.nft.ip).toMatchObject({ kind: 'missing', because: expect.stringMatching(because) });
  expect(JSON.stringify(rulesets.nft.ip)).not.toMatch(/\\u001b|\\u0000/);
  expect(rulesets.nft.ip6.kind).toBe('read');
});

const walkable = {
  'net/link.json': JSON.stringify([{ ifindex: 1, ifname: 'eth0', flags: ['UP'], mtu: 1500 }]),
  'net/addr.json': '[]',
  'net/rule.json': '[]',
  'kubernetes/pods.json': JSON.stringify({ items: [{ metadata: { name: 'web-1', namespace: 'shop' }, status: { podIP: '10.1.0.9' } }] }),
};

test.each([
  [['--to', '10.1.0.2:99999'], /^faultline: --to: found port 99999 in '10\.1\.0\.2:99999', expected a port from 0 to 65535$/],
  [
    ['--to', 'shop/web:80'],
    /^faultline: --to shop\/web:80: found no such pod or service in the snapshot \(.*\), expected one of shop\/web-1$/,
  ],
  [['--to', 'fd00::1'], /found two address families, expected one$/],
  [['--to', '10.1.0.2:80', '--in-interface', 'nope'], /^faultline: --in-interface: found 'nope', expected one of eth0$/],
  [['--to', '10.1.0.2:80', '--as-if', 'rm -rf /'], /^faultline: --as-if: found 'rm -rf \/', expected iptables/],
  [['--to', '10.1.0.2:80', '--as-if', 'iptables-legacy -I NOPE -j DROP'], /--as-if 'iptables-legacy -I NOPE -j DROP': found .*, expected /],
  [['--batch', '/nowhere'], /^faultline: --batch \/nowhere: cannot be read: found no such file$/],
  [['--nonsense'], /^faultline: unknown option '--nonsense'$/],
] as const)('walk %s: one line with what was found and expected, exit status 2', (options, message) => {
  const { status, stdout, stderr } = run('walk', snapshotWith('walkable', walkable), '--from', '10.1.0.1', ...options);
  expect(stderr.trim()).toMatch(message);
  expect([stdout, status]).toEqual(['', 2]);
});

test.each([
  ['cut inside a word', '[{"dst":"default","de', /net\/route\.json:1: found the end of the file, expected JSON$/m],
  ['cut', '[{"dst":"default",\n"dev":', /net\/route\.json:2: found the end of the file, expected JSON$/m],
  [
    'binary',
    Uint8Array.from({ length: 500 }, (_, i) => (i * 7919) % 256),
    /net\/route\.json:1: found bytes that are no text, expected JSON$/m,
  ],
])('routes that are %s make a walk undecided, with file, line, what was found and expected', (name, content, message) => {
  const { status, stdout } = run(
    'walk',
    snapshotWith(`routes-${name}`, { ...walkable, 'net/route.json': content }),
    '--from',
    '10.1.0.1',
    '--to',
    '10.1.0.2:80',
  );
  expect(stdout).toMatch(message);
  expect(stdout).not.toMatch(/route\.json: .*route\.json/);
  expect(status).toBe(3);
});

test('a batch answers a line that is no probe with what was found and expected', () => {
  writeFileSync(at('batch'), '{"from":"10.1.0.1"}\n{bad\n');
  const { status, stderr } = run('walk', snapshotWith('walkable', walkable), '--batch', at('batch'));
  expect(stderr.split('\n').map((line) => line.replace(/^.*batch:/, ''))).toEqual([
    '1: found {"from":"10.1.0.1"}, expected an object with from and to',
    '2: found bad, expected JSON',
    '',
  ]);
  expect(status).toBe(2);
});

test('a file that was edited after the capture is a gap that names it', () => {
  const path = snapshotWith('edited', { 'proc/loadavg': '0.1 0.2 0.3 1/1500 9\n' });
  const manifest = JSON.parse(readFileSync(join(path, 'snapshot.json'), 'utf8'));
  manifest.files['proc/loadavg'] = { origin: '/proc/loadavg', sha256: '0'.repeat(64), bytes: 21 };
  writeFileSync(join(path, 'snapshot.json'), JSON.stringify(manifest));
  expect(opened(path).gaps).toEqual([{ source: 'proc/loadavg', because: expect.stringContaining('changed') }]);
});

test('a plain folder with only dumps is a source', () => {
  mkdirSync(at('plain'));
  writeFileSync(at('plain', 'iptables-nft-save'), save);
  cpSync(fileURLToPath(new URL('../../src/formats/fixtures/ip/link.json', import.meta.url)), at('plain', 'link.json'));
  const { rulesets, links, routes, collector } = opened(at('plain'));
  expect([collector, rulesets.nft.ip.kind, links.kind, routes.kind]).toEqual(['plain folder', 'read', 'read', 'missing']);
});

test('a log full of escape sequences is printed without any', () => {
  const log =
    '2025-09-20 02:13:07.123 [INFO][5] felix/x.go 1: \x1b]0;owned\x07\x1b[2J\u202e Looked up iptables command backendMode="legacy\x1b[31m"\n';
  const { stdout, stderr } = run('timeline', snapshotWith('escapes', { 'logs/calico-node.log': log.repeat(50) }));
  expect(stdout).toContain('\\x1b');
  expect(stdout + stderr).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
});

test('of a log of 1 GB the end is read, cited by its true lines, in bounded time and memory', () => {
  const path = snapshotWith('large', { 'logs/kubelet.log': '' });
  const fd = openSync(join(path, 'logs/kubelet.log'), 'w');
  const first = 'first line\n';
  const last = '\nI0920 02:13:07.123456       1 x.go:1] last line\n';
  writeSync(fd, first);
  ftruncateSync(fd, 1024 ** 3);
  writeSync(fd, last, 1024 ** 3);
  closeSync(fd);
  const before = performance.now();
  const [log] = opened(path).logs;
  const lines = [...(log?.lines() ?? [])];
  expect(log?.cutBecause).toContain('only the last 256 MiB');
  expect(lines.at(-1)).toMatchObject({ at: { line: 3 }, message: 'last line' });
  expect(performance.now() - before).toBeLessThan(20_000);
  expect(process.memoryUsage().rss).toBeLessThan(1024 ** 3);
});
