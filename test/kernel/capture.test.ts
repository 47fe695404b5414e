import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Reading } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import { asIptablesSave } from '#formats/xtables/index.ts';
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

test('a command that is not installed is named, and the kernel tells what it would have', () => {
  inNamespace(`ipset create s hash:ip; ipset add s 10.0.0.1\n${hide('ipset')}capture without-ipset\n${unhide}`);
  expect(missing('without-ipset', 'netfilter/ipset-save')).toBe('the command ipset is not installed');
  const { ipsets, rulesets } = snapshot('without-ipset');
  expect(ipsets).toMatchObject({ kind: 'read', source: 'netlink/ipset' });
  expect(ipsets.kind === 'read' && ipsets.value.get('s')?.members).toEqual([{ text: '10.0.0.1', nomatch: false }]);
  expect(rulesets.nft.ip.kind).toBe('read');
});

test('legacy tables are seen on a node without a legacy binary', () => {
  inNamespace(
    `iptables-legacy -A INPUT -s 10.0.0.9 -j DROP\n${hide('iptables-legacy-save', 'ip6tables-legacy-save')}capture no-legacy\n${unhide}`,
  );
  expect(missing('no-legacy', 'netfilter/iptables-legacy-save')).toBe('the command iptables-legacy-save is not installed');
  const { ip, ip6 } = snapshot('no-legacy').rulesets.legacy;
  expect(ip).toMatchObject({ kind: 'read', source: 'netlink/legacy-ip' });
  const chain = ip.kind === 'read' ? ip.value.tables.get('filter')?.chains.get('INPUT') : undefined;
  expect(chain?.rules.map(({ text }) => text)).toEqual(['-s 10.0.0.9/32 -j DROP']);
  expect(ip6).toMatchObject({ kind: 'read', value: { tables: new Map() } });
});

test('a capture that starts no process holds the same rules, sets and routes', () => {
  inNamespace(`sysctl -qw net.ipv6.conf.default.accept_dad=0; ip link set lo up; ip link add cali12ab type veth peer name eth0x; ip link set cali12ab up; ip link set eth0x up
    ip addr add 10.0.0.1/24 dev cali12ab; ip route add 10.65.0.2/32 dev cali12ab; ip rule add fwmark 1 table 7; ip route add 10.9.0.0/16 dev eth0x table 7
    iptables-nft -A INPUT -j ACCEPT; iptables-nft -A FORWARD -i cali12ab -j DROP; iptables-nft -A OUTPUT -j ACCEPT; iptables-legacy -t nat -A OUTPUT -d 10.9.9.9 -p tcp --dport 80 -j DNAT --to-destination 10.0.0.7:8080
    ipset create s hash:ip,port; ipset add s 10.0.0.1,udp:53; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev cali12ab
    nft add table inet own; nft add chain inet own c '{ type filter hook input priority 3; policy drop; }'
    capture with-processes; '${program}' capture --no-exec --out without-processes > text`);
  const [whole, alone] = [snapshot('with-processes'), snapshot('without-processes')];
  for (const part of ['links', 'addresses', 'routes', 'routingRules', 'neighbours'] as const)
    expect([part, plain(alone[part])]).toEqual([part, plain(whole[part])]);
  expect(saved(alone.rulesets.legacy.ip)).toEqual(saved(whole.rulesets.legacy.ip));
  expect(saved(alone.rulesets.nft.ip)).toEqual(saved(whole.rulesets.nft.ip));
  expect(plain(alone.ipsets)).toEqual(plain(whole.ipsets));
  expect(plain(alone.nativeChains)).toEqual(plain(whole.nativeChains));
  expect([alone.iptablesCommand.kind === 'read' && alone.iptablesCommand.value, alone.iptablesCommand.source]).toEqual([
    whole.iptablesCommand.kind === 'read' && whole.iptablesCommand.value,
    'netfilter/iptables-links',
  ]);
  expect(manifest('without-processes').files['netlink/nftables']).toMatchObject({ origin: 'nfnetlink dump' });
  expect(manifest('without-processes').proven).toContainEqual({
    path: 'netlink/legacy-ip6',
    because: '/proc/net/ip6_tables_names is empty',
  });
});

/** Facts without their place, in any order. */
function plain(reading: Reading<Iterable<unknown>>): readonly string[] | string {
  if (reading.kind === 'missing') return reading.because;
  return [...reading.value]
    .map((fact) => JSON.stringify(fact, (key, value) => (['at', 'text', 'line'].includes(key) ? undefined : value)))
    .toSorted();
}

function saved(reading: Reading<Ruleset>): string {
  return reading.kind === 'missing' ? reading.because : asIptablesSave(reading.value);
}

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
       const paths = [];
       const { files, missing } = capture({ collector: 'test', exec: true, root: '/' }, { write: (path) => paths.push(path) });
       console.log(JSON.stringify({ files, missing, kernel: paths.filter((path) => path.startsWith('netlink/')), events: readFileSync('${cgroup}/pids.events', 'utf8') }));`,
    );
    const { status, stdout, stderr } = spawnSync('unshare', ['--net', process.execPath, script], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const result = JSON.parse(stdout);
    const because = (path: string) => result.missing.find((each: { path: string }) => each.path === path)?.because;
    expect(because('netfilter/iptables-nft-save')).toMatch(/^EAGAIN: iptables-nft-save could not be started/);
    expect(because('net/link.json')).toMatch(/EAGAIN/);
    expect(because('netfilter/iptables-legacy-save')).toBeUndefined();
    // The kernel needs no process to tell its rules.
    expect(result.kernel).toEqual(expect.arrayContaining(['netlink/nftables', 'netlink/ipset', 'netlink/route', 'netlink/rule']));
    expect(result.files).toBeGreaterThan(50);
    expect(Number(/max (\d+)/.exec(result.events)?.[1])).toBeGreaterThan(3);
  } finally {
    rmdirSync(cgroup);
  }
});
