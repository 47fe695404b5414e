import type { LabPod } from '../plan.ts';
import { workloadChains } from './calico-workloads.ts';
import { caliHash, hashed, type Section } from './section.ts';

type Family = 'ip' | 'ip6';
const accepted = '-m mark --mark 0x10000/0x10000';
const clear = '-j MARK --set-xmark 0x0/0xf0000';

/** Every rule that Felix v3.18 keeps for these pods on a node without tunnels and host endpoints, by table, without the backend. */
export function calicoRules(family: Family, pods: readonly LabPod[]): readonly Section[] {
  return [raw(family), mangle(), nat(family), filter(family, pods)];
}

function chains(of: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(of).map(([chain, rules]) => [chain, hashed(chain, rules)]));
}

function hook(chain: string): string {
  return `-I ${chain} 1 -m comment --comment "${caliHash(chain, 0, 'hook')}" -j cali-${chain}`;
}

function raw(family: Family): Section {
  const reversePath = family === 'ip6' ? ['-m mark --mark 0x40000/0x40000 -m rpfilter --validmark --invert -j DROP'] : [];
  return {
    table: 'raw',
    hooks: [hook('PREROUTING'), hook('OUTPUT')],
    chains: chains({
      'cali-PREROUTING': [
        clear,
        '-i cali+ -j MARK --set-xmark 0x40000/0x40000',
        ...reversePath,
        '-m mark --mark 0x0/0x40000 -j cali-from-host-endpoint',
        `${accepted} -j ACCEPT`,
      ],
      'cali-OUTPUT': [clear, '-j cali-to-host-endpoint', `${accepted} -j ACCEPT`],
      'cali-from-host-endpoint': [],
      'cali-to-host-endpoint': [],
    }),
  };
}

function mangle(): Section {
  return {
    table: 'mangle',
    hooks: [hook('PREROUTING'), hook('POSTROUTING')],
    chains: chains({
      'cali-PREROUTING': [
        '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        `${accepted} -j ACCEPT`,
        '-j cali-from-host-endpoint',
        `${accepted} -j ACCEPT`,
      ],
      'cali-POSTROUTING': [`${accepted} -j RETURN`, clear, '-m conntrack --ctstate DNAT -j cali-to-host-endpoint', `${accepted} -j RETURN`],
      'cali-from-host-endpoint': [],
      'cali-to-host-endpoint': [],
    }),
  };
}

function nat(family: Family): Section {
  const set = family === 'ip' ? 'cali40' : 'cali60';
  return {
    table: 'nat',
    hooks: [hook('PREROUTING'), hook('POSTROUTING'), hook('OUTPUT')],
    chains: chains({
      'cali-PREROUTING': ['-j cali-fip-dnat'],
      'cali-POSTROUTING': ['-j cali-fip-snat', '-j cali-nat-outgoing'],
      'cali-OUTPUT': ['-j cali-fip-dnat'],
      'cali-fip-dnat': [],
      'cali-fip-snat': [],
      'cali-nat-outgoing': [
        `-m set --match-set ${set}masq-ipam-pools src -m set ! --match-set ${set}all-ipam-pools dst -j MASQUERADE --random-fully`,
      ],
    }),
  };
}

function filter(family: Family, pods: readonly LabPod[]): Section {
  const neighbourDiscovery = [130, 131, 132, 133, 135, 136].map((type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`);
  return {
    table: 'filter',
    hooks: [
      hook('INPUT'),
      hook('FORWARD'),
      hook('OUTPUT'),
      `-A FORWARD -m comment --comment "${caliHash('FORWARD', 1, 'accept')}" ${accepted} -j ACCEPT`,
      `-A FORWARD -m comment --comment "${caliHash('FORWARD', 2, 'mark')}" -j MARK --set-xmark 0x10000/0x10000`,
    ],
    chains: chains({
      'cali-INPUT': ['-i cali+ -g cali-wl-to-host', `${accepted} -j ACCEPT`, clear, '-j cali-from-host-endpoint', `${accepted} -j ACCEPT`],
      'cali-FORWARD': [
        '-j MARK --set-xmark 0x0/0xe0000',
        '-m mark --mark 0x0/0x10000 -j cali-from-hep-forward',
        '-i cali+ -j cali-from-wl-dispatch',
        '-o cali+ -j cali-to-wl-dispatch',
        '-j cali-to-hep-forward',
        '-j cali-cidr-block',
      ],
      'cali-OUTPUT': [
        `${accepted} -j ACCEPT`,
        '-o cali+ -j RETURN',
        clear,
        '-m conntrack ! --ctstate DNAT -j cali-to-host-endpoint',
        `${accepted} -j ACCEPT`,
      ],
      'cali-wl-to-host': [
        ...(family === 'ip6' ? neighbourDiscovery : []),
        '-j cali-from-wl-dispatch',
        '-m comment --comment "Configured DefaultEndpointToHostAction" -j ACCEPT',
      ],
      'cali-from-host-endpoint': [],
      'cali-to-host-endpoint': [],
      'cali-from-hep-forward': [],
      'cali-to-hep-forward': [],
      'cali-cidr-block': [],
      ...workloadChains(family, pods),
    }),
  };
}
