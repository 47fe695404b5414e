import type { Parts } from './parts.ts';

/**
 * Folders, from the root of what was opened, in which other people's bundles keep what commands printed on the node itself: a plain folder,
 * sosreport, calicoctl's node diags and the EKS log bundle. Other network namespaces (`networking/namespaces/...`) are none of them.
 */
export const bundleFolders: readonly string[] = [
  '',
  'netfilter/',
  'net/',
  'sos_commands/firewall_tables/',
  'sos_commands/networking/',
  'sos_commands/kernel/',
  'diagnostics/',
  'networking/',
  'sysctls/',
];

/** sosreport writes blanks and slashes as `_`; calicoctl's cluster diags and EKS end in `.txt`. */
export const bundleEndings: readonly string[] = ['', '.txt'];

/** What a command's output is called, by what it is; the best first. */
export const bundleNames = {
  'nft -j': ['nft-ruleset.json', 'nft_-j_list_ruleset', 'nft_--json_list_ruleset'],
  nft: ['nft_-a_list_ruleset', 'nft_list_ruleset', 'nft-ruleset', 'nft-ruleset.nft', 'nft_ruleset'],
  'iptables-save': ['iptables-save', 'iptables-save_-c', 'iptables_save', 'ipv4_tables'],
  'ip6tables-save': ['ip6tables-save', 'ip6tables-save_-c', 'ip6tables_save', 'ipv6_tables'],
  'iptables -L': ['iptables_-vnxL', 'iptables_-t_filter_-nvL', 'iptables_-nvL', 'iptables-filter'],
  'ip6tables -L': ['ip6tables_-vnxL', 'ip6tables_-t_filter_-nvL', 'ip6tables_-nvL', 'ip6tables-filter'],
  'ipset save': ['ipset-save', 'ipset_save'],
  'ipset list': ['ipset-list', 'ipset_list', 'ipsets', 'ipset'],
  'ip link': ['ip_-d_link', 'ip_-s_-d_link', 'ip_link', 'ip-link', 'ip_link_show'],
  'ip addr': ['ip_-d_address', 'ip_address', 'ip_addr', 'ip-addr', 'ip_addr_show', 'ip_-o_addr'],
  'ip -4 addr': ['ipv4_addr'],
  'ip -6 addr': ['ipv6_addr'],
  'ip route': ['ip_route_show_table_all', 'ip-route', 'iproute', 'ip_route', 'ip-route-table'],
  'ip -4 route': ['ip_-4_route_show_table_all', 'ipv4_route'],
  'ip -6 route': ['ip_-6_route_show_table_all', 'ip-route-v6', 'ipv6_route', 'ip_-6_route'],
  'ip -4 rule': ['ip_-4_rule_list', 'ip_-4_rule', 'ip_rule', 'ip-rule', 'iprule', 'ip_rule_show', 'ip_rule_list'],
  'ip -6 rule': ['ip_-6_rule_list', 'ip_-6_rule', 'ip-rule-v6'],
  'sysctl -a': ['sysctl_-a', 'sysctl-a', 'sysctl_all', 'sysctl'],
  'ip neigh': ['ip_neigh', 'ip-neigh', 'ip_neigh_show', 'ip_-s_-s_neigh_show', 'ip_-s_-d_neigh_show'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type BundleName = keyof typeof bundleNames;

/** Where a bundle keeps it, or null. */
export function locate(files: Pick<Parts['files'], 'has'>, name: BundleName): string | null {
  for (const folder of bundleFolders) {
    for (const ending of bundleEndings) {
      const found = bundleNames[name].find((each) => files.has(`${folder}${each}${ending}`));
      if (found !== undefined) return `${folder}${found}${ending}`;
    }
  }
  return null;
}

/** Whether there is anything that a walk could use. */
export function isBundle(files: Pick<Parts['files'], 'has'>): boolean {
  return (Object.keys(bundleNames) as BundleName[]).some((name) => locate(files, name) !== null);
}
