import { describe, expect, test } from 'vitest';
import { instant } from '#facts/instant.ts';
import type { LogEvent, LogFile, LogLine } from '#facts/log.ts';
import { findEvents, keptAtEachEnd, signatures } from './index.ts';

type Given = string | readonly [seconds: number | null, message: string];

function log(component: string, lines: readonly Given[], source = `logs/${component}.log`): LogFile {
  const read = function* (): Iterable<LogLine> {
    for (const [index, given] of lines.entries()) {
      const [seconds, message] = typeof given === 'string' ? [null, given] : given;
      const time = seconds === null ? null : instant(seconds * 1000);
      yield { at: { source, line: index + 1 }, time, level: null, message, text: message };
    }
  };
  return { component, source, cutBecause: null, lines: read };
}

const eventsOf = (component: string, message: string): readonly LogEvent[] => findEvents([log(component, [message])]);

const lookup =
  'Looked up iptables command backendMode="legacy" candidates=[]string{"iptables-legacy-restore", "iptables-restore"} command="iptables-legacy-restore" ipVersion=0x4 saveOrRestore="restore"';

type Sample = [signature: string, component: string, message: string, fields?: Record<string, string>];

const samples: Sample[] = [
  [
    'cgroup-fork-rejected',
    'kernel',
    'cgroup: fork rejected by pids controller in /kubepods/burstable/pod7f',
    { cgroup: '/kubepods/burstable/pod7f' },
  ],
  ['go-thread-create-failed', 'calico-node', 'runtime/cgo: pthread_create failed: Resource temporarily unavailable'],
  ['go-os-thread-failed', 'kubelet', 'runtime: failed to create new OS thread (have 12 already; errno=11)', { threads: '12' }],
  ['go-newosproc', 'kubelet', 'fatal error: newosproc'],
  ['exec-failed', 'kubelet', 'failed to run du: fork/exec /usr/bin/nice: resource temporarily unavailable', { command: '/usr/bin/nice' }],
  ['shell-fork-failed', 'calico-node', '/etc/rc.local: fork: retry: Resource temporarily unavailable'],
  ['shell-fork-failed', 'calico-node', '-bash: fork: Resource temporarily unavailable'],
  [
    'jvm-thread-failed',
    'orders',
    '[0.2s][warning][os,thread] Failed to start thread "Unknown thread" with pthread_create - pthread_create failed (EAGAIN) for attributes',
  ],
  ['jvm-native-thread-failed', 'orders', 'java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory'],
  ['jvm-native-thread-failed', 'orders', 'java.lang.OutOfMemoryError: unable to create new native thread'],
  [
    'oci-runtime-failed',
    'kubelet',
    'OCI runtime exec failed: exec failed: fork/exec /proc/self/exe: resource temporarily unavailable: unknown',
    { operation: 'exec' },
  ],
  ['oci-runtime-failed', 'dockerd', 'OCI runtime create failed: runtime/cgo: pthread_create failed', { operation: 'create' }],
  ['kubelet-insufficient-pid', 'kubelet', 'Event occurred reason="KubeletHasInsufficientPID"'],
  ['kubelet-insufficient-pid', 'kubelet', 'Node n1 status: kubelet has insufficient PID available'],
  ['kubelet-reclaiming', 'kubelet', 'Attempting to reclaim pids', { resource: 'pids' }],
  [
    'kubelet-pleg-stalled',
    'kubelet',
    'skipping pod synchronization - PLEG is not healthy: pleg was last seen active 3m5.2s ago; threshold is 3m0s',
    { ago: '3m5.2s', threshold: '3m0s' },
  ],
  [
    'felix-iptables-version-failed',
    'calico-node',
    'Failed to get iptables version, assuming old version with no optional features error=fork/exec /usr/sbin/iptables',
  ],
  [
    'felix-iptables-version-assumed',
    'calico-node',
    'Updating detected iptables features features=iptables.Features{} iptablesVersion=1.4.7 kernelVersion=4.19.0',
    { iptablesVersion: '1.4.7', kernelVersion: '4.19.0' },
  ],
  [
    'felix-save-start-failed',
    'calico-node',
    'Failed to start ip6tables-legacy-save error=EAGAIN',
    { command: 'ip6tables-legacy-save', error: 'EAGAIN' },
  ],
  ['felix-save-failed', 'calico-node', 'iptables-nft-save command failed error=exit status 1', { command: 'iptables-nft-save' }],
  [
    'felix-save-gave-up',
    'calico-node',
    'iptables-legacy-save command failed after retries ipVersion=0x4',
    { command: 'iptables-legacy-save' },
  ],
  [
    'felix-restore-failed',
    'calico-node',
    'Failed to execute ip(6)tables-restore command errorOutput="iptables-restore v1.8.2: \\"x\\" failed" output=""',
    { errorOutput: 'iptables-restore v1.8.2: \\"x\\" failed' },
  ],
  ['felix-program-failed', 'calico-node', 'Failed to program iptables, will retry error=exit status 4'],
  ['felix-program-gave-up', 'calico-node', 'Failed to program iptables, giving up after retries error=exit status 4'],
  ['felix-program-recovered', 'calico-node', 'Succeeded after retry. ipVersion=0x4 table="filter"'],
  [
    'felix-iptables-lookup',
    'calico-node',
    lookup,
    { backendMode: 'legacy', saveOrRestore: 'restore', ipVersion: '0x4', command: 'iptables-legacy-restore' },
  ],
  ['felix-nft-workarounds', 'calico-node', 'Enabling iptables-in-nftables-mode workarounds. ipVersion=0x4 table="filter"'],
  [
    'felix-backend-mismatch',
    'calico-node',
    'Iptables backend specified does not match the detected backend, using specified backend detectedBackend="legacy" specifiedBackend="nft"',
    { detectedBackend: 'legacy', specifiedBackend: 'nft' },
  ],
  [
    'felix-foreign-nft-rules',
    'calico-node',
    'iptables-save failed because there are incompatible nft rules in the table. table="nat"',
    { table: 'nat' },
  ],
  ['felix-ipsets-failed', 'calico-node', 'Failed to update IP sets. Marking dataplane for resync. family="inet"'],
  ['felix-ipsets-gave-up', 'calico-node', 'Failed to update IP sets after multiple retries. family="inet"'],
  ['felix-ipset-still-used', 'calico-node', 'Failed to delete IP set. Will retry on next resync. error=exit status 1', { error: 'exit' }],
  ['felix-starting', 'calico-node', 'Felix starting up GOMAXPROCS=8 version="v3.18.1"'],
  ['felix-config-restart', 'calico-node', 'Exiting for config change'],
  ['felix-config-changed', 'calico-node', 'Config change requires restart key="IptablesBackend"'],
  ['felix-legacy-not-loaded', 'calico-node', 'iptables-legacy not loaded on this host'],
  ['felix-swept-other-backend', 'calico-node', 'Cleaned up rules left behind by a previous iptables-nft Felix', { backend: 'nft' }],
  ['felix-nftables-determined', 'calico-node', 'Determined whether or not to use nftables nftables=false'],
  ['felix-kube-proxy-mode-changed', 'calico-node', 'kube-proxy nftables mode changed. Restart felix.'],
  [
    'calico-node-not-ready',
    'kubelet',
    'Readiness probe failed: calico/node is not ready: felix is not ready: readiness probe reporting 503',
  ],
  ['kube-canary-failed', 'kubelet', 'Could not set up iptables canary mangle/KUBE-KUBELET-CANARY: error creating chain: exit status 4'],
  ['kube-canary-unreadable', 'kube-proxy', 'Could not check for iptables canary nat/KUBE-PROXY-CANARY: exit status 4'],
  ['kube-iptables-inconsistent', 'kubelet', 'Inconsistent iptables state detected.'],
  ['kube-canary-deleted', 'kubelet', 'iptables canary mangle/KUBE-KUBELET-CANARY deleted'],
  ['kube-canary-deleted', 'kube-proxy', 'IPTables canary deleted table="mangle" was deleted'],
  ['kube-reload-after-flush', 'kube-proxy', 'Reloading after iptables flush'],
  ['kube-proxy-restore-failed', 'kube-proxy', 'Failed to execute iptables-restore: exit status 4 (Another app holds the lock)'],
  ['kube-proxy-sync-failed', 'kube-proxy', 'Sync failed; retrying in 30s'],
  [
    'legacy-tables-present',
    'calico-node',
    '# Warning: ip6tables-legacy tables present, use ip6tables-legacy-save to see them',
    { tool: 'ip6tables-legacy' },
  ],
  ['xtables-lock-held', 'kubelet', 'Another app is currently holding the xtables lock. Perhaps you want to use the -w option?'],
  [
    'legacy-table-unavailable',
    'kube-proxy',
    "iptables v1.8.4 (legacy): can't initialize iptables table `nat': Table does not exist (do you need to insmod?)",
    { table: 'nat' },
  ],
  ['nft-table-incompatible', 'calico-node', "# Table `filter' is incompatible, use 'nft' tool.", { table: 'filter' }],
  ['nf-tables-unavailable', 'calico-node', 'iptables: Could not fetch rule set generation id: Invalid argument'],
  ['conntrack-table-full', 'kernel', 'nf_conntrack: nf_conntrack: table full, dropping packet'],
  ['neighbour-table-overflow', 'kernel', 'neighbour: arp_cache: neighbor table overflow!', { table: 'arp_cache' }],
  ['cgroup-out-of-memory', 'kernel', 'Memory cgroup out of memory: Killed process 4711 (java) total-vm:1kB', { pid: '4711' }],
];

describe('the lines we know', () => {
  test.each<Sample>(samples)('%s in the log of %s', (signature, component, message, fields = {}) => {
    const events = eventsOf(component, message);
    expect(events.map((event) => event.signature)).toEqual([signature]);
    expect(events[0]?.fields).toMatchObject(fields);
  });

  test('a line that says who failed and why is one event of who failed, with the reason as a field', () => {
    const events = eventsOf(
      'calico-node',
      'Failed to get iptables version, assuming old version error=fork/exec /x: resource temporarily unavailable',
    );
    expect(events).toMatchObject([{ signature: 'felix-iptables-version-failed', fields: { errno: 'EAGAIN' } }]);
  });

  test('every signature has a line, and no two have the same id', () => {
    const ids = signatures.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(samples.map(([id]) => id))).toEqual(new Set(ids));
  });

  test('a signature can only match where its literal stands', () => {
    for (const [id, , message] of samples) expect(message).toContain(signatures.find((signature) => signature.id === id)?.literal);
  });

  test("the host's journal may hold anybody's line", () => {
    expect(eventsOf('journal', 'cgroup: fork rejected by pids controller in /a')).toHaveLength(1);
    expect(eventsOf('messages', lookup)).toHaveLength(1);
  });
});

describe('lines that only look alike', () => {
  test.each<[string, string]>([
    ['calico-node', 'runtime/cgo: pthread_create failed: Cannot allocate memory'],
    ['kubelet', 'runtime: failed to create new OS thread (have 12 already; errno=12)'],
    ['kubelet', 'fork/exec /usr/bin/nice: no such file or directory'],
    ['kubelet', 'read tcp 10.0.0.1:53: resource temporarily unavailable'],
    ['orders', 'recv: Resource temporarily unavailable'],
    ['orders', 'fork: retry: No child processes'],
    ['orders', 'java.lang.OutOfMemoryError: Java heap space'],
    ['orders', 'cgroup: fork rejected by pids controller in /a'],
    ['orders', lookup],
    ['kubelet', 'OCI runtime exec failed: exec failed: no such file or directory'],
    ['kubelet', 'OCI runtime start failed: resource temporarily unavailable'],
    ['kubelet', 'Node n1 status is now: NodeHasSufficientPID'],
    ['calico-node', 'Updating detected iptables features iptablesVersion=1.8.2'],
    ['calico-node', 'Updating detected iptables features iptablesVersion=1.4.71'],
    ['calico-node', 'Failed to start iptables-save'],
    ['calico-node', 'autosave command failed'],
    ['calico-node', 'Failed to update IP sets'],
    ['kubelet', 'kubelet canary deployment was deleted'],
    ['kube-proxy', 'Sync succeeded; retrying in 30s'],
    ['kernel', 'nf_conntrack: table half full'],
    ['kernel', 'Out of memory: Killed process 4711 (java)'],
    ['kubelet', 'pleg was last seen active today'],
  ])('%s: %s', (component, message) => {
    expect(eventsOf(component, message)).toEqual([]);
  });
});

describe('the timeline', () => {
  const fork = '-bash: fork: Resource temporarily unavailable';
  const start = 'Felix starting up';

  test('runs through all files by time, then file and line', () => {
    const events = findEvents([
      log('kubelet', [
        [30, fork],
        [10, fork],
      ]),
      log('calico-node', [
        [30, fork],
        [20, start],
      ]),
    ]);
    expect(events.map(({ component, at }) => `${component}:${at.line}`)).toEqual([
      'kubelet:2',
      'calico-node:2',
      'calico-node:1',
      'kubelet:1',
    ]);
  });

  test('a line without a time stands where its file has it', () => {
    const events = findEvents([
      log('a', [
        [null, fork],
        [10, 'x'],
        [null, fork],
        [50, fork],
      ]),
      log('b', [
        [9, fork],
        [20, fork],
        [60, fork],
      ]),
    ]);
    expect(events.map(({ component, at }) => `${component}:${at.line}`)).toEqual(['b:1', 'a:1', 'a:3', 'b:2', 'a:4', 'b:3']);
    expect(events[1]?.time).toBeNull();
  });

  test('a file without any time comes last, in its own order', () => {
    const events = findEvents([log('a', [fork, fork]), log('b', [[9, fork]])]);
    expect(events.map(({ component, at }) => `${component}:${at.line}`)).toEqual(['b:1', 'a:1', 'a:2']);
  });

  test('of one line a million times both ends are kept and the rest is counted', () => {
    const lines = [...new Array<Given>(keptAtEachEnd * 2 + 7).fill([5, fork]), [6, start] as const];
    const events = findEvents([log('calico-node', lines)]);
    expect(events).toHaveLength(keptAtEachEnd * 2 + 1);
    expect(events.map(({ suppressed }) => suppressed ?? 0).reduce((sum, n) => sum + n)).toBe(7);
    expect(events[keptAtEachEnd - 1]?.suppressed).toBe(7);
    const after = events.slice(keptAtEachEnd, -1).map(({ at }) => at.line);
    expect(after).toEqual(Array.from({ length: keptAtEachEnd }, (_, i) => keptAtEachEnd + 8 + i));
    expect(events.map(({ at }) => at.line).slice(-2)).toEqual([keptAtEachEnd * 2 + 7, keptAtEachEnd * 2 + 8]);
  });

  test('hostile lines cost linear time', () => {
    const hostile = [
      'OCI runtime exec failed:',
      'Failed to start thread ',
      'Updating detected iptables features ',
      'iptables canary ',
      'x-',
      'a-save',
    ];
    const before = performance.now();
    for (const part of hostile) {
      eventsOf('journal', `${part.repeat(2_000_000 / part.length)} canary -save command failed`);
      eventsOf('journal', `-save command failed ${part.repeat(2_000_000 / part.length)}`);
    }
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
