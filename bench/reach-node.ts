import { type Address, parseAddress } from '#facts/address.ts';
import type { Pod, Service } from '#facts/kubernetes.ts';
import { read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { calicoRules, calicoSets } from '#lab/rules/calico.ts';
import { interfaceName } from '#lab/rules/calico-names.ts';
import type { Workload } from '#lab/rules/topology.ts';
import { type Dumps, snapshotOfDumps } from '../test/kernel/packet-judge/snapshot-of-dumps.ts';
import { podOf } from '../test/support/pod.ts';
import { kubeProxyRules, serviceAt } from './kube-proxy-rules.ts';

export interface ReachNode {
  readonly rules: number;
  readonly pods: number;
  readonly services: number;
  /** kube-proxy's rules are in this backend, or in both; Calico's are in both. */
  readonly kubeProxy: 'nft' | 'both';
}

const namespaces = ['shop', ...Array.from({ length: 19 }, (_, i) => `team-${i}`)];
const at = { source: 'bench', line: 1 };

/** A node of a large cluster: pods with Calico's rules in both backends, and services of which a part has its endpoints here. */
export function reachNode({ rules, pods, services, kubeProxy }: ReachNode): Snapshot {
  const workloads = Array.from({ length: pods }, (_, i) => workloadAt(i));
  const calico = calicoRules('ip', workloads, { first: true });
  const proxy = kubeProxyRules(rules).text;
  const dumps: Dumps = {
    ...networkOf(workloads),
    'netfilter/iptables-nft-save': saved([calico, proxy]),
    'netfilter/iptables-legacy-save': saved(kubeProxy === 'both' ? [calico, proxy] : [calico]),
    'netfilter/ipset-save': calicoSets('ip', '10.244.0.0/14', workloads)
      .split('\n')
      .filter((line) => !line.startsWith('flush'))
      .join('\n'),
  };
  const found = snapshotOfDumps(dumps);
  return {
    ...found,
    pods: read(workloads.map(workloadPod), 'kubernetes/pods.json'),
    services: read(
      Array.from({ length: services }, (_, i) => serviceOf(i)),
      'kubernetes/services.json',
    ),
  };
}

/** The first endpoints of the services are pods of this node. */
function workloadAt(index: number): Workload {
  const address = serviceAt(Math.floor(index / 3)).endpoints[index % 3] as string;
  const namespace = namespaces[index % namespaces.length] as string;
  return {
    namespace,
    name: `pod-${index}`,
    interface: interfaceName(namespace, `pod-${index}`),
    addresses: { ip: address, ip6: 'fd00::1' },
  };
}

function workloadPod({ namespace, name, addresses }: Workload): Pod {
  const ports = [{ port: 8080, protocol: 'tcp' }];
  return podOf({ namespace, name, addresses: [parseAddress(addresses.ip) as Address], ports });
}

function serviceOf(index: number): Service {
  return {
    namespace: `ns${index % 50}`,
    name: `svc${index}`,
    type: 'ClusterIP',
    addresses: [parseAddress(serviceAt(index).clusterIp) as Address],
    ports: [{ name: 'http', port: 80, protocol: 'tcp', targetPort: '8080', nodePort: null }],
    at,
  };
}

function networkOf(workloads: readonly Workload[]): Dumps {
  const names = ['lo', 'eth0', ...workloads.map((workload) => workload.interface)];
  const route = (dst: string, dev: string, rest: object = {}): object => ({ dst, dev, flags: [], ...rest });
  const local = { type: 'local', table: 'local' };
  const sysctls = names.flatMap((name) => [
    [`sysctl/net/ipv4/conf/${name}/rp_filter`, '0'],
    [`sysctl/net/ipv4/conf/${name}/forwarding`, '1'],
  ]);
  const kind = (name: string): object => (name.startsWith('cali') ? { linkinfo: { info_kind: 'veth' } } : {});
  return {
    'net/link': JSON.stringify(names.map((ifname) => ({ ifname, mtu: 1500, flags: ['UP', 'LOWER_UP'], ...kind(ifname) }))),
    'net/addr': JSON.stringify([{ ifname: 'eth0', addr_info: [{ local: '192.0.2.10', prefixlen: 24, scope: 'global' }] }]),
    'net/route4': JSON.stringify([
      ...workloads.map((workload) => route(workload.addresses.ip, workload.interface)),
      route('default', 'eth0'),
      route('192.0.2.0/24', 'eth0'),
      route('192.0.2.10', 'eth0', local),
      route('127.0.0.0/8', 'lo', local),
    ]),
    'net/rule4': JSON.stringify([
      { priority: 0, src: 'all', table: 'local' },
      { priority: 32766, src: 'all', table: 'main' },
    ]),
    'sysctl/net/ipv4/ip_forward': '1',
    'sysctl/net/ipv4/conf/all/rp_filter': '0',
    ...Object.fromEntries(sysctls),
  };
}

const builtIn: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** What iptables-save prints once iptables-restore has read these texts. */
function saved(texts: readonly string[]): string {
  const tables = new Map<string, { readonly chains: Set<string>; rules: string[] }>();
  for (const text of texts) {
    let table = { chains: new Set<string>(), rules: [] as string[] };
    for (const line of text.split('\n')) {
      if (line.startsWith('*')) {
        table = tables.get(line.slice(1)) ?? { chains: new Set(builtIn[line.slice(1)]), rules: [] };
        tables.set(line.slice(1), table);
      } else if (line.startsWith(':')) table.chains.add(line.slice(1, line.indexOf(' ')));
      else if (line.startsWith('-I ')) table.rules.unshift(`-A ${line.slice(3)}`);
      else if (line.startsWith('-A ')) table.rules.push(line);
    }
  }
  return [...tables]
    .map(([name, { chains, rules }]) => {
      const declared = [...chains].map((chain) => `:${chain} ${builtIn[name]?.includes(chain) ? 'ACCEPT' : '-'} [0:0]`);
      return [`*${name}`, ...declared, ...rules, 'COMMIT', ''].join('\n');
    })
    .join('');
}
