/**
 * What a snapshot calls its files, by the command that prints them. In a plain folder each may also lie at the top, without its folder.
 * What other tools' bundles call them: bundle-names.ts.
 */
export const dumpNames = {
  'netfilter/iptables-legacy-save': 'iptables-legacy-save -c',
  'netfilter/iptables-nft-save': 'iptables-nft-save -c',
  'netfilter/ip6tables-legacy-save': 'ip6tables-legacy-save -c',
  'netfilter/ip6tables-nft-save': 'ip6tables-nft-save -c',
  'netfilter/nft-ruleset.json': 'nft -j list ruleset',
  'netfilter/ipset-save': 'ipset save',
  'netfilter/iptables-version': 'iptables -V',
  'net/link.json': 'ip -j -d link',
  'net/addr.json': 'ip -j addr',
  'net/route.json': 'ip -j route show table all',
  'net/route6.json': 'ip -j -6 route show table all',
  'net/rule.json': 'ip -j rule',
  'net/rule6.json': 'ip -j -6 rule',
  'net/neigh.json': 'ip -j neigh',
  'kubernetes/pods.json': 'kubectl get pods -A -o json',
  'kubernetes/services.json': 'kubectl get services -A -o json',
  'kubernetes/nodes.json': 'kubectl get nodes -o json',
  'kubernetes/events.json': 'kubectl get events -A -o json',
  'kubernetes/daemonsets.json': 'kubectl get daemonsets -A -o json',
  'kubernetes/felixconfigurations.json': 'kubectl get felixconfigurations -o json',
} as const satisfies Readonly<Record<string, string>>;

type DumpName = keyof typeof dumpNames;

/** Where it lies in a plain folder without folders. */
export function topName(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

/** A folder without a manifest is a source where it holds one of these: the others help, and decide nothing alone. */
export function isSourceOfItsOwn(path: DumpName): boolean {
  return !path.startsWith('kubernetes/') && path !== 'netfilter/iptables-version';
}

/** The names that make a folder a source. */
export const sourceNames: ReadonlySet<string> = new Set(
  (Object.keys(dumpNames) as DumpName[]).filter(isSourceOfItsOwn).flatMap((path) => [path, topName(path)]),
);
