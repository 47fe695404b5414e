import type { Located, Place } from '#facts/evidence.ts';
import { instant } from '#facts/instant.ts';
import { missing } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';

const absent = (source: string) => missing(source, 'not in this snapshot');

/** A snapshot that holds nothing: every reading is missing. Tests fill in what they are about. */
export const emptySnapshot: Snapshot = {
  node: 'node-a',
  capturedAt: instant(Date.UTC(2025, 8, 20, 2, 31, 7)),
  collector: 'test',
  kernel: '4.19.0-240.23.35.an8_2.x86_64',
  versions: new Map(),
  notes: [],
  gaps: [],
  rulesets: {
    legacy: { ip: absent('netfilter/iptables-legacy-save'), ip6: absent('netfilter/ip6tables-legacy-save') },
    nft: { ip: absent('netfilter/iptables-nft-save'), ip6: absent('netfilter/ip6tables-nft-save') },
  },
  kernelRules: {
    legacy: { ip: absent('netlink/legacy-ip'), ip6: absent('netlink/legacy-ip6') },
    nft: absent('netlink/nftables'),
  },
  nftListing: absent('netfilter/nft-ruleset.json'),
  nativeChains: absent('netfilter/nft-ruleset.json'),
  ipsets: absent('netfilter/ipset-save'),
  iptablesCommand: absent('versions.json'),
  links: absent('net/link.json'),
  addresses: absent('net/addr.json'),
  routes: absent('net/route.json'),
  routingRules: absent('net/rule.json'),
  neighbours: absent('net/neigh.json'),
  sysctls: new Map(),
  pids: absent('cgroup/pids'),
  tasks: absent('proc/loadavg'),
  processes: absent('proc'),
  counters: new Map(),
  logs: [],
  pods: absent('kubernetes/pods.json'),
  services: absent('kubernetes/services.json'),
  events: absent('kubernetes/events.json'),
  nodes: absent('kubernetes/nodes.json'),
  daemonSets: absent('kubernetes/daemonsets.json'),
  felixConfigurations: absent('kubernetes/felixconfigurations.json'),
  packets: absent('packets'),
};

export function located<T>(value: T, source: string, line = 1): Located<T> {
  const at: Place = { source, line };
  return { value, at, text: String(value) };
}

/** Sysctls by dotted name, as files of the snapshot. */
export function sysctls(values: Readonly<Record<string, string | number>>): ReadonlyMap<string, Located<string>> {
  return new Map(Object.entries(values).map(([name, value]) => [name, located(String(value), `sysctl/${name.replaceAll('.', '/')}`)]));
}
