import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../bin/faultline', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-dumps-'));
  for (const [name, content] of Object.entries(dumps)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const dumps = {
  'iptables-legacy-save': [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':KUBE-SVC-A - [0:0]',
    '-A PREROUTING -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-A',
    '-A KUBE-SVC-A -p tcp -m statistic --mode random --probability 0.25000000000 -j DNAT --to-destination 10.244.1.10:8443',
    '-A KUBE-SVC-A -p tcp -j DNAT --to-destination 10.244.9.9:8443',
    'COMMIT',
    '*filter',
    ':FORWARD ACCEPT [0:0]',
    '-A FORWARD -d 10.244.9.9/32 -j DROP',
    'COMMIT',
    '',
  ].join('\n'),
  'ip6tables-legacy-save': '',
  'nft-ruleset.json': { nftables: [] },
  'link.json': ['lo', 'eth0', 'cali1'].map((ifname, i) => ({ ifindex: i + 1, ifname, flags: ['UP', 'LOWER_UP'], mtu: 1500 })),
  'addr.json': [{ ifname: 'eth0', addr_info: [{ family: 'inet', local: '10.0.0.5', prefixlen: 24, scope: 'global' }] }],
  'route.json': [
    { dst: 'default', gateway: '10.0.0.1', dev: 'eth0' },
    { dst: '10.0.0.0/24', dev: 'eth0', prefsrc: '10.0.0.5' },
    { dst: '10.244.1.10', dev: 'cali1' },
    { type: 'local', dst: '10.0.0.5', dev: 'eth0', table: 'local' },
  ],
  'rule.json': [
    { priority: 0, src: 'all', table: 'local' },
    { priority: 32766, src: 'all', table: 'main' },
  ],
  sysctl: [
    ...['all', 'eth0', 'cali1', 'lo'].flatMap((name) => [
      `net.ipv4.conf.${name}.forwarding = 1`,
      `net.ipv4.conf.${name}.rp_filter = 0`,
      `net.ipv4.conf.${name}.route_localnet = 0`,
      `net.ipv4.conf.${name}.src_valid_mark = 0`,
      `net.ipv4.conf.${name}.accept_local = 0`,
    ]),
    'net.ipv4.ip_forward = 1',
    '',
  ].join('\n'),
  'logs/kubelet.log': 'E0923 12:17:29.423000       1 x.go:1] fork/exec /bin/true: resource temporarily unavailable\n',
};

const run = (...args: readonly string[]) => spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
const walk = (...args: readonly string[]) => run('walk', folder, '--from', 'outside', '--to', '10.244.1.10:80', ...args);

test.each([
  [['diagnose'], /captured at an unknown time/],
  [['diagnose', '-o', 'json'], /"capturedAt": null/],
  [['diagnose', '-o', 'markdown'], /Captured at an unknown time/],
  [['postmortem'], /State captured \| not known/],
  [['limits', '-o', 'json'], /"capturedAt": null/],
  [['timeline'], /20\d\d-09-23/],
] as const)('a time that is not known is not 1970: %s', ([command, ...options], expected) => {
  const { stdout } = run(command, folder, ...options);
  expect(stdout).toMatch(expected);
  expect(stdout).not.toMatch(/19[67]\d-/);
});

test('what --without fits is left out; a selector that fits no rule says what there is', () => {
  expect(walk('--without', 'owner=kube-proxy').stdout).toMatch(/request delivered · reply delivered/);
  const { status, stderr } = walk('--without', 'owner=calico');
  expect([status, stderr]).toEqual([
    2,
    'faultline: --without owner=calico: found no rule that fits, expected rules with owner kube-proxy, other\n',
  ]);
  expect(walk('--without', 'chain=FORWARD,rule=2').stderr).toMatch(/expected rules with chain=FORWARD and rule 1\n$/);
});

test('where chance decides, each outcome has its probability and the rules that lead to it', () => {
  const { stdout, status } = run('walk', folder, '--from', 'outside', '--to', '10.96.0.1:443', '-o', 'text');
  expect(status).toBe(3);
  expect(stdout).toMatchInlineSnapshot(`
    "192.0.2.1 (outside, by eth0) -> 10.96.0.1:443/tcp   request UNDECIDED (25.0% delivered, 75.0% dropped) · reply delivered if one comes

     request  prerouting    legacy  nat  PREROUTING #1  -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-A
                            legacy  nat  KUBE-SVC-A #1  -p tcp -m statistic --mode random --probability 0.25000000000 -j DNAT --to-destination 10.244.1.10:8443
                            kernel  by cali1
                 25.0%  delivered  192.0.2.1:40000 -> 10.244.1.10:8443 by cali1
                        legacy nat KUBE-SVC-A #1 matches: -p tcp -m statistic --mode random --probability 0.25000000000 -j DNAT --to-destination 10.244.1.10:8443
                 75.0%  DROPPED
                        lost at legacy filter FORWARD #1: -d 10.244.9.9/32 -j DROP
                        legacy nat KUBE-SVC-A #2 matches: -p tcp -j DNAT --to-destination 10.244.9.9:8443
     reply    prerouting    kernel  by eth0
              leaves by eth0: 10.96.0.1:443 -> 192.0.2.1:40000
    "
  `);
  const minimal = run('walk', folder, '--from', 'outside', '--to', '10.96.0.1:443', '-o', 'minimal').stdout;
  expect(minimal).toMatchInlineSnapshot(`
    "192.0.2.1 (outside, by eth0) -> 10.96.0.1:443/tcp   request UNDECIDED (25.0% delivered, 75.0% dropped) · reply delivered if one comes
     request 25.0% delivered: legacy nat KUBE-SVC-A #1 matches: -p tcp -m statistic --mode random --probability 0.25000000000 -j DNAT --to-destination 10.244.1.10:8443
     request 75.0% dropped: lost at legacy filter FORWARD #1: -d 10.244.9.9/32 -j DROP
    "
  `);
});

test('a batch from a pipe is answered line by line, while its writer waits', async () => {
  const child = spawn(program, ['walk', folder, '--batch', '-'], { stdio: 'pipe' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const answers: string[] = [];
  for (const to of ['10.96.0.1:443', '10.96.0.1:444']) {
    child.stdin.write(`${JSON.stringify({ id: to, from: 'outside', to })}\n`);
    const [bytes] = (await once(child.stdout, 'data')) as [Buffer];
    answers.push((JSON.parse(bytes.toString()) as { readonly id: string }).id);
  }
  child.stdin.end();
  await ended;
  expect(answers).toEqual(['10.96.0.1:443', '10.96.0.1:444']);
});

test('a batch tells the choices only with --steps, as it does the steps', () => {
  const batch = (...options: readonly string[]) =>
    spawnSync(program, ['walk', folder, '--batch', '-', ...options], { encoding: 'utf8', input: '{"from":"outside","to":"10.96.0.1:443"}' })
      .stdout;
  const outcomes = (text: string): readonly object[] => JSON.parse(text).request.outcomes;
  expect(outcomes(batch()).map((outcome) => Object.keys(outcome).join())).toEqual([
    'verdict,probability,order,out',
    'verdict,probability,order,out,blame',
  ]);
  expect(outcomes(batch('--steps')).every((outcome) => 'choices' in outcome)).toBe(true);
});
