import type { Family } from '#facts/address.ts';
import type { Backend } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { calicoRules, calicoSets } from '#lab/rules/calico.ts';
import { interfaceName } from '#lab/rules/calico-names.ts';
import { kubeProxyRules } from '#lab/rules/kube-proxy.ts';
import type { Workload } from '#lab/rules/topology.ts';
import { memoryFiles, snapshotOf } from '#snapshots/index.ts';
import { nftJsonOfSave } from './nft-json-of-save.ts';

/** What a test says about a node; everything else is a sound node with Calico v3.18.1 in nft. */
export interface NodeStory {
  readonly pods?: number;
  /** How many of the pods Calico's rules of a backend know; absent: no Calico rules there. */
  readonly calico?: Partial<Record<Backend, number>>;
  readonly foreignLegacyRules?: number;
  readonly felixLog?: string | null;
  readonly tasks?: { readonly each: number; readonly limit: number; readonly refused: number };
  readonly configured?: string;
  /** Paths that the snapshot does not hold. */
  readonly without?: readonly string[];
}

const families = ['ip', 'ip6'] as const;
const bases: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export function workloads(count: number): readonly Workload[] {
  return Array.from({ length: count }, (_, i) => ({
    namespace: 'shop',
    name: `orders-${i}`,
    interface: interfaceName('shop', `orders-${i}`),
    addresses: { ip: `10.244.1.${10 + i}`, ip6: `fd00:1::${10 + i}` },
  }));
}

/** The dump that the kernel would print after these restore texts: per table, later texts behind earlier ones. */
function dump(texts: readonly string[]): string {
  const tables = new Map<string, { chains: Set<string>; first: string[]; rules: string[] }>();
  for (const text of texts) {
    let table = { chains: new Set<string>(), first: [] as string[], rules: [] as string[] };
    for (const line of text.split('\n')) {
      if (line.startsWith('*')) {
        table = tables.get(line) ?? { chains: new Set(), first: [], rules: [] };
        tables.set(line, table);
      } else if (line.startsWith(':')) table.chains.add(line);
      else if (line.startsWith('-I ')) table.first.push(line.replace(/^-I (\S+)( 1)?/, '-A $1'));
      else if (line.startsWith('-A ')) table.rules.push(line);
    }
  }
  return [...tables]
    .map(([name, { chains, first, rules }]) => {
      const builtIn = (bases[name.slice(1)] ?? []).map((chain) => `:${chain} ACCEPT [0:0]`);
      const counted = [...first, ...rules].map((rule) => `[0:0] ${rule}`);
      return [name, ...builtIn, ...chains, ...counted, 'COMMIT', ''].join('\n');
    })
    .join('');
}

function rulesets(story: NodeStory): Record<string, string> {
  const files: Record<string, string> = {};
  const foreign = Array.from({ length: story.foreignLegacyRules ?? 0 }, (_, i) => `-A INPUT -s 192.0.2.${i + 1}/32 -j ACCEPT`);
  for (const family of families) {
    for (const backend of ['legacy', 'nft'] as const) {
      const known = (story.calico ?? { nft: story.pods ?? 3 })[backend];
      const texts = [
        ...(known === undefined ? [] : [calicoRules(family as Family, workloads(known), { first: true })]),
        ...(backend === 'nft' ? [kubeProxyRules(family as Family, [])] : []),
        ...(backend === 'legacy' && family === 'ip' && foreign.length > 0 ? [['*filter', ...foreign, 'COMMIT', ''].join('\n')] : []),
      ];
      files[`netfilter/${family === 'ip' ? 'iptables' : 'ip6tables'}-${backend}-save`] = dump(texts);
    }
  }
  files['netfilter/ipset-save'] = families
    .map((family) => calicoSets(family, family === 'ip' ? '10.244.0.0/16' : 'fd00:1::/64', workloads(story.pods ?? 3)))
    .join('')
    .replaceAll(/^flush .*\n/gm, '');
  const saves = { ip: files['netfilter/iptables-nft-save'] ?? '', ip6: files['netfilter/ip6tables-nft-save'] ?? '' };
  files['netfilter/nft-ruleset.json'] = nftJsonOfSave(saves);
  return files;
}

const lines = (objects: readonly object[]): string => `[\n${objects.map((object) => JSON.stringify(object)).join(',\n')}\n]\n`;

function network(story: NodeStory): Record<string, string> {
  const pods = workloads(story.pods ?? 3);
  const link = (ifindex: number, ifname: string, kind?: string) => ({
    ifindex,
    ifname,
    flags: ['UP', 'LOWER_UP'],
    mtu: 1500,
    operstate: 'UP',
    link_type: 'ether',
    address: 'ee:ee:ee:ee:ee:ee',
    ...(kind === undefined ? {} : { linkinfo: { info_kind: kind } }),
  });
  return {
    'net/link.json': lines([
      { ...link(1, 'lo'), flags: ['LOOPBACK', 'UP', 'LOWER_UP'], mtu: 65536, link_type: 'loopback' },
      link(2, 'eth0'),
      ...pods.map(({ interface: name }, i) => link(3 + i, name, 'veth')),
    ]),
    'net/addr.json': lines([
      { ifindex: 1, ifname: 'lo', addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8, scope: 'host', label: 'lo' }] },
      {
        ifindex: 2,
        ifname: 'eth0',
        addr_info: [{ family: 'inet', local: '192.168.0.11', prefixlen: 24, broadcast: '192.168.0.255', scope: 'global', label: 'eth0' }],
      },
    ]),
    'net/route.json': lines([
      { dst: 'default', gateway: '192.168.0.1', dev: 'eth0', flags: [] },
      { dst: '192.168.0.0/24', dev: 'eth0', protocol: 'kernel', scope: 'link', prefsrc: '192.168.0.11', flags: [] },
      ...pods.map(({ addresses, interface: dev }) => ({ dst: addresses.ip, dev, scope: 'link', flags: [] })),
      { type: 'local', dst: '127.0.0.0/8', dev: 'lo', table: 'local', protocol: 'kernel', scope: 'host', prefsrc: '127.0.0.1', flags: [] },
      {
        type: 'local',
        dst: '192.168.0.11',
        dev: 'eth0',
        table: 'local',
        protocol: 'kernel',
        scope: 'host',
        prefsrc: '192.168.0.11',
        flags: [],
      },
    ]),
    'net/rule.json': lines([
      { priority: 0, src: 'all', table: 'local' },
      { priority: 32766, src: 'all', table: 'main' },
      { priority: 32767, src: 'all', table: 'default' },
    ]),
    'net/neigh.json': '[]\n',
  };
}

function kubernetes(story: NodeStory): Record<string, string> {
  const list = (items: readonly object[]): string => `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`;
  const pods = workloads(story.pods ?? 3).map(({ namespace, name, addresses }, i) => ({
    kind: 'Pod',
    metadata: { namespace, name, uid: uid(i), ownerReferences: [{ kind: 'ReplicaSet', name: 'orders' }] },
    spec: { nodeName: 'node-a', containers: [{ name: 'app', image: 'orders', ports: [{ containerPort: 8080 }] }] },
    status: {
      phase: 'Running',
      podIP: addresses.ip,
      podIPs: [{ ip: addresses.ip }],
      containerStatuses: [{ restartCount: 0, ready: true }],
    },
  }));
  const env = story.configured === undefined ? [] : [{ name: 'FELIX_IPTABLESBACKEND', value: story.configured }];
  const set = {
    kind: 'DaemonSet',
    metadata: { namespace: 'kube-system', name: 'calico-node' },
    spec: {
      template: { spec: { containers: [{ name: 'calico-node', image: 'calico/node:v3.18.1', env }] } },
      updateStrategy: { type: 'RollingUpdate' },
    },
  };
  return {
    'kubernetes/pods.json': list(pods),
    'kubernetes/daemonsets.json': list([set]),
    'kubernetes/felixconfigurations.json': list([]),
    'kubernetes/services.json': list([]),
  };
}

const uid = (i: number): string => `0000000${i}-0000-4000-8000-000000000000`;

function tasks({ pods = 3, tasks: storm }: NodeStory): Record<string, string> {
  const each = storm?.each ?? 4;
  const root = 'cgroup/pids/kubepods';
  const files: Record<string, string> = {
    'sysctl/kernel/pid_max': '4194304\n',
    'sysctl/kernel/threads-max': '192730\n',
    'proc/loadavg': `0.1 0.1 0.1 1/${each * pods + 150} 9000\n`,
    [`${root}/pids.max`]: `${storm?.limit ?? 65535}\n`,
    [`${root}/pids.current`]: `${each * pods}\n`,
    [`${root}/pids.events`]: 'max 0\n',
  };
  for (let i = 0; i < pods; i++) {
    files[`${root}/pod${uid(i)}/pids.max`] = 'max\n';
    files[`${root}/pod${uid(i)}/pids.current`] = `${each}\n`;
    files[`${root}/pod${uid(i)}/pids.events`] = `max ${storm?.refused ?? 0}\n`;
  }
  return files;
}

function sysctls({ pods = 3 }: NodeStory): Record<string, string> {
  const values: Record<string, number> = {
    'net/ipv4/ip_forward': 1,
    'net/ipv4/conf/all/rp_filter': 0,
    'net/ipv4/conf/all/forwarding': 1,
    'net/ipv6/conf/all/forwarding': 1,
    'fs/file-max': 2_000_000,
    'net/netfilter/nf_conntrack_max': 262_144,
    'net/netfilter/nf_conntrack_count': 90,
  };
  for (const { interface: name } of [...workloads(pods), { interface: 'eth0' }, { interface: 'lo' }]) {
    values[`net/ipv4/conf/${name}/rp_filter`] = 0;
    values[`net/ipv4/conf/${name}/forwarding`] = 1;
    values[`net/ipv4/conf/${name}/proxy_arp`] = 1;
  }
  return {
    'sysctl/fs/file-nr': '1200\t0\t2000000\n',
    ...Object.fromEntries(Object.entries(values).map(([path, value]) => [`sysctl/${path}`, `${value}\n`])),
  };
}

/** The files of a snapshot that tells this story, as a capture would write them. */
export function nodeFiles(story: NodeStory = {}): ReadonlyMap<string, Uint8Array> {
  const log = story.felixLog === undefined ? start('01:00:00', 'nft') : story.felixLog;
  const texts: Record<string, string> = {
    'snapshot.json': `${JSON.stringify({ formatVersion: 1, node: 'node-a', capturedAt: '2025-09-20T02:31:07Z', collector: 'test', kernel: '4.19.0-240.23.35.an8_2.x86_64', notes: [], files: {}, missing: [], proven: [] })}\n`,
    'versions.json': '{"calico":"v3.18.1","kubernetes":"v1.19.16","kernel":"4.19.0-240.23.35.an8_2.x86_64"}\n',
    ...rulesets(story),
    ...network(story),
    ...kubernetes(story),
    ...tasks(story),
    ...sysctls(story),
    ...(log === null ? {} : { 'logs/calico-node.log': log }),
  };
  const kept = Object.entries(texts).filter(([path]) => !(story.without ?? []).some((prefix) => path.startsWith(prefix)));
  return new Map(kept.map(([path, text]) => [path, new TextEncoder().encode(text)]));
}

export function nodeSnapshot(story: NodeStory = {}): Snapshot {
  const opened = snapshotOf(memoryFiles('test', nodeFiles(story)));
  if (!opened.ok) throw new Error(JSON.stringify(opened.problem));
  return opened.value;
}

/** Felix's lines of one start, with the probes failing or not. */
export function start(clock: string, backend: Backend, options: { readonly failing?: boolean } = {}): string {
  const at = `2025-09-20 ${clock}.100`;
  const failure = `${at} [WARNING][61] felix/feature_detect.go 250: Failed to get iptables version, assuming old version error=fork/exec /usr/sbin/iptables: resource temporarily unavailable\n`;
  return [
    `${at} [INFO][61] felix/daemon.go 331: Felix starting up GOMAXPROCS=2 version="v3.18.1"\n`,
    ...(options.failing === true ? [failure] : []),
    `${at} [INFO][61] felix/int_dataplane.go 260: Looked up iptables command backendMode="${backend}" candidates=[]string{"iptables-${backend}-restore", "iptables-restore"} command="iptables-${backend}-restore" ipVersion=0x4 saveOrRestore="restore"\n`,
  ].join('');
}

export const crash = 'runtime/cgo: pthread_create failed: Resource temporarily unavailable\n';
