import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSnapshot } from '../../src/snapshots/index.ts';

const program = fileURLToPath(new URL('../../bin/faultline', import.meta.url));
const pidsRoot = '/sys/fs/cgroup/pids';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-capture-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script in network and mount namespaces of its own; `capture OUT` in it captures. */
function inNamespace(script: string): string {
  const prelude = `set -eu\ncapture() { '${program}' capture --out "$1" > "$1.text"; }\ncd '${folder}'\n`;
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', '--mount', 'bash', '-c', prelude + script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** Hides commands of /usr/sbin within the mount namespace. */
const hide = (...names: readonly string[]) => `
mkdir sbin-$$ && mount --bind /usr/sbin sbin-$$ && mount -t tmpfs none /usr/sbin
for file in sbin-$$/*; do ln -s "$PWD/$file" /usr/sbin/; done
rm ${names.map((name) => `/usr/sbin/${name}`).join(' ')}
`;
const unhide = 'umount /usr/sbin; umount sbin-$$; rmdir sbin-$$\n';

const manifest = (name: string) => JSON.parse(readFileSync(join(folder, name, 'snapshot.json'), 'utf8'));
const missing = (name: string, path: string) => manifest(name).missing.find((each: { path: string }) => each.path === path)?.because;

function snapshot(name: string) {
  const result = openSnapshot(join(folder, name));
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

test('a capture changes nothing: no legacy table comes to be, and no nft table', () => {
  const state = '{ cat /proc/net/ip_tables_names /proc/net/ip6_tables_names; nft list ruleset; ip addr; ip route show table all; }';
  const output = inNamespace(
    `ip link set lo up\n${state} > before\ncapture untouched\n${state} > after\ncmp before after\ncat /proc/net/ip_tables_names`,
  );
  expect(output).toBe('');
  const { rulesets, links } = snapshot('untouched');
  expect(rulesets.legacy.ip).toMatchObject({ kind: 'read', source: 'proc/net/ip_tables_names' });
  expect(rulesets.nft.ip).toMatchObject({ kind: 'read' });
  expect(links.kind === 'read' && links.value.map((link) => link.name)).toContain('lo');
});

test('rules, sets, links and routes of the node are in the snapshot', () => {
  inNamespace(`ip link set lo up; ip link add cali12ab type veth peer name eth0x; ip link set cali12ab up; ip link set eth0x up
    ip route add 10.65.0.2/32 dev cali12ab scope link
    iptables-nft -A FORWARD -i cali12ab -j DROP; iptables-legacy -A INPUT -s 10.9.9.9 -j ACCEPT; ipset create s hash:ip; ipset add s 10.0.0.1
    nft add table inet own; nft add chain inet own c '{ type filter hook input priority 3; policy drop; }'
    capture full`);
  const { rulesets, routes, ipsets, nativeChains, gaps } = snapshot('full');
  const chain = (backend: 'legacy' | 'nft', name: string) => {
    const reading = rulesets[backend].ip;
    return reading.kind === 'read'
      ? reading.value.tables
          .get('filter')
          ?.chains.get(name)
          ?.rules.map((rule) => rule.text)
      : reading;
  };
  expect(chain('nft', 'FORWARD')).toEqual(['-i cali12ab -j DROP']);
  expect(chain('legacy', 'INPUT')).toEqual(['-s 10.9.9.9/32 -j ACCEPT']);
  expect(routes.kind === 'read' && routes.value.some((route) => route.interface === 'cali12ab' && route.family === 'ip')).toBe(true);
  expect(ipsets.kind === 'read' && ipsets.value.get('s')?.members).toEqual([{ text: '10.0.0.1', nomatch: false }]);
  expect(nativeChains).toMatchObject({ kind: 'read', value: [{ table: 'own', chain: 'c', inert: false }] });
  expect(gaps.filter((gap) => gap.because.includes('changed'))).toEqual([]);
});

test('a command that is not installed is named, and the rest is there', () => {
  inNamespace(`${hide('ipset')}capture without-ipset\n${unhide}`);
  expect(missing('without-ipset', 'netfilter/ipset-save')).toBe('the command ipset is not installed');
  expect(snapshot('without-ipset').ipsets.kind).toBe('missing');
  expect(snapshot('without-ipset').rulesets.nft.ip.kind).toBe('read');
});

test('legacy tables that are listed, without a legacy binary, are a gap', () => {
  inNamespace(`iptables-legacy -A INPUT -j ACCEPT\n${hide('iptables-legacy-save', 'ip6tables-legacy-save')}capture no-legacy\n${unhide}`);
  expect(missing('no-legacy', 'netfilter/iptables-legacy-save')).toBe('the command iptables-legacy-save is not installed');
  expect(snapshot('no-legacy').rulesets.legacy.ip).toMatchObject({ kind: 'missing' });
  expect(snapshot('no-legacy').rulesets.legacy.ip6).toMatchObject({ kind: 'read' });
});

test('in a full pids cgroup every refused command is named, and files are read', () => {
  const cgroup = `${pidsRoot}/faultline-capture-${process.pid}`;
  mkdirSync(cgroup);
  try {
    const script = join(folder, 'full.ts');
    const host = fileURLToPath(new URL('../../src/host/index.ts', import.meta.url));
    writeFileSync(
      script,
      `import { readFileSync, writeFileSync } from 'node:fs';
       import { capture } from ${JSON.stringify(host)};
       writeFileSync('${cgroup}/cgroup.procs', String(process.pid));
       writeFileSync('${cgroup}/pids.max', readFileSync('${cgroup}/pids.current'));
       const { files, missing } = capture({ collector: 'test', exec: true, root: '/' }, { write: () => {} });
       console.log(JSON.stringify({ files, missing, events: readFileSync('${cgroup}/pids.events', 'utf8') }));`,
    );
    const { status, stdout, stderr } = spawnSync('unshare', ['--net', process.execPath, script], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const result = JSON.parse(stdout);
    const because = (path: string) => result.missing.find((each: { path: string }) => each.path === path)?.because;
    expect(because('netfilter/iptables-nft-save')).toMatch(/^EAGAIN: iptables-nft-save could not be started/);
    expect(because('net/link.json')).toMatch(/EAGAIN/);
    expect(because('netfilter/iptables-legacy-save')).toBeUndefined();
    expect(result.files).toBeGreaterThan(50);
    expect(Number(/max (\d+)/.exec(result.events)?.[1])).toBeGreaterThan(3);
  } finally {
    rmdirSync(cgroup);
  }
});
