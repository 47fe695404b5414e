import type { Family } from '#facts/address.ts';
import { dispatchChains } from './calico-dispatch.ts';
import { endpointChains, profileChains } from './calico-endpoints.ts';
import { policySet, ruleHashes } from './calico-names.ts';
import { restoreText, type TableText } from './restore-text.ts';
import type { Workload } from './topology.ts';

/** Marks of Calico v3.18: accept 0x10000, pass 0x20000, scratch 0x40000. */
export const acceptMark = '0x10000/0x10000';
const returnIfAccepted = `-m mark --mark ${acceptMark} -j RETURN`;
const acceptIfAccepted = `-m mark --mark ${acceptMark} -j ACCEPT`;
const clearMarks = '-j MARK --set-xmark 0x0/0xf0000';
const empty: readonly string[] = [];

/**
 * The rules of Calico v3.18.1 for the workloads of a node, in the structure that it writes them: dispatch, per-endpoint, policy and profile
 * chains, marks, ipsets and hashes. `first` adds the jumps from the kernel's chains, in front of what stands there.
 */
export function calicoRules(family: Family, workloads: readonly Workload[], options: { readonly first: boolean }): string {
  const tables = [filterTable(family, workloads), natTable(family), mangleTable(), rawTable()];
  return restoreText(tables.map((table) => withHashes(options.first ? table : { ...table, commands: [] })));
}

function withHashes(table: TableText): TableText {
  const chains = new Map([...table.chains].map(([chain, rules]) => [chain, hashed(chain, rules)]));
  const commands = table.commands.map((command) => {
    const [, action, chain, rest] = /^(-[AI]) (\S+) (.*)$/.exec(command) as unknown as [string, string, string, string];
    return `${action} ${chain} ${hashed(chain, [rest])[0]}`;
  });
  return { ...table, chains, commands };
}

function hashed(chain: string, rules: readonly string[]): readonly string[] {
  const hashes = ruleHashes(chain, rules);
  return rules.map((rule, index) => `-m comment --comment "${hashes[index]}" ${rule}`);
}

function filterTable(family: Family, workloads: readonly Workload[]): TableText {
  const neighbourDiscovery = [130, 131, 132, 133, 135, 136].map((type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`);
  const chains = new Map<string, readonly string[]>([
    ['cali-INPUT', ['-i cali+ -g cali-wl-to-host', acceptIfAccepted, clearMarks, '-j cali-from-host-endpoint', acceptIfAccepted]],
    [
      'cali-wl-to-host',
      [
        ...(family === 'ip6' ? neighbourDiscovery : []),
        '-j cali-from-wl-dispatch',
        '-m comment --comment "Configured DefaultEndpointToHostAction" -j ACCEPT',
      ],
    ],
    [
      'cali-FORWARD',
      [
        '-j MARK --set-xmark 0x0/0xe0000',
        '-m mark --mark 0x0/0x10000 -j cali-from-hep-forward',
        '-i cali+ -j cali-from-wl-dispatch',
        '-o cali+ -j cali-to-wl-dispatch',
        '-j cali-to-hep-forward',
        '-j cali-cidr-block',
      ],
    ],
    [
      'cali-OUTPUT',
      [acceptIfAccepted, '-o cali+ -j RETURN', clearMarks, '-m conntrack ! --ctstate DNAT -j cali-to-host-endpoint', acceptIfAccepted],
    ],
    ...['cali-from-host-endpoint', 'cali-to-host-endpoint', 'cali-from-hep-forward', 'cali-to-hep-forward', 'cali-cidr-block'].map(
      (name) => [name, empty] as const,
    ),
    ...dispatchChains(workloads),
    ...endpointChains(family, workloads),
    ...profileChains(workloads),
  ]);
  const commands = [
    '-I INPUT -j cali-INPUT',
    '-I FORWARD -j cali-FORWARD',
    '-I OUTPUT -j cali-OUTPUT',
    '-A FORWARD -m comment --comment "accepted by policy" -m mark --mark 0x10000/0x10000 -j ACCEPT',
    '-A FORWARD -j MARK --set-xmark 0x10000/0x10000',
  ];
  return { table: 'filter', chains, commands };
}

function natTable(family: Family): TableText {
  const set = (name: string): string => `${family === 'ip' ? 'cali40' : 'cali60'}${name}`;
  const masquerade = `-m set --match-set ${set('masq-ipam-pools')} src -m set ! --match-set ${set('all-ipam-pools')} dst -j MASQUERADE --random-fully`;
  const chains = new Map<string, readonly string[]>([
    ['cali-PREROUTING', ['-j cali-fip-dnat']],
    ['cali-POSTROUTING', ['-j cali-fip-snat', '-j cali-nat-outgoing']],
    ['cali-OUTPUT', ['-j cali-fip-dnat']],
    ['cali-nat-outgoing', [masquerade]],
    ['cali-fip-dnat', empty],
    ['cali-fip-snat', empty],
  ]);
  return {
    table: 'nat',
    chains,
    commands: ['-I PREROUTING -j cali-PREROUTING', '-I POSTROUTING -j cali-POSTROUTING', '-I OUTPUT -j cali-OUTPUT'],
  };
}

function mangleTable(): TableText {
  const chains = new Map<string, readonly string[]>([
    [
      'cali-PREROUTING',
      [
        '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        acceptIfAccepted,
        '-j cali-from-host-endpoint',
        `-m comment --comment "accepted by host endpoint policy" ${acceptIfAccepted}`,
      ],
    ],
    [
      'cali-POSTROUTING',
      [
        returnIfAccepted,
        clearMarks,
        '-m conntrack --ctstate DNAT -j cali-to-host-endpoint',
        `-m comment --comment "accepted by host endpoint policy" ${returnIfAccepted}`,
      ],
    ],
    ['cali-from-host-endpoint', empty],
    ['cali-to-host-endpoint', empty],
  ]);
  return { table: 'mangle', chains, commands: ['-I PREROUTING -j cali-PREROUTING', '-I POSTROUTING -j cali-POSTROUTING'] };
}

function rawTable(): TableText {
  const chains = new Map<string, readonly string[]>([
    [
      'cali-PREROUTING',
      [
        clearMarks,
        '-i cali+ -j MARK --set-xmark 0x40000/0x40000',
        '-m mark --mark 0x40000/0x40000 -m rpfilter --validmark --invert -j DROP',
        '-m mark --mark 0x0/0x40000 -j cali-from-host-endpoint',
        acceptIfAccepted,
      ],
    ],
    ['cali-OUTPUT', [clearMarks, '-j cali-to-host-endpoint', acceptIfAccepted]],
    ['cali-from-host-endpoint', empty],
    ['cali-to-host-endpoint', empty],
  ]);
  return { table: 'raw', chains, commands: ['-I PREROUTING -j cali-PREROUTING', '-I OUTPUT -j cali-OUTPUT'] };
}

/** `ipset restore` text of the sets that the rules name. Pools are the pods' prefixes; the policy's set holds the pods. */
export function calicoSets(family: Family, pool: string, workloads: readonly Workload[]): string {
  const inet = family === 'ip' ? 'inet' : 'inet6';
  const prefix = family === 'ip' ? 'cali40' : 'cali60';
  const set = (name: string, type: string, members: readonly string[]): string[] => [
    `create ${prefix}${name} ${type} family ${inet} hashsize 1024 maxelem 1048576`,
    `flush ${prefix}${name}`,
    ...members.map((member) => `add ${prefix}${name} ${member}`),
  ];
  const addresses = workloads.map((workload) => workload.addresses[family]);
  return [
    ...set('masq-ipam-pools', 'hash:net', [pool]),
    ...set('all-ipam-pools', 'hash:net', [pool]),
    ...set(policySet, 'hash:ip', addresses),
    '',
  ].join('\n');
}
