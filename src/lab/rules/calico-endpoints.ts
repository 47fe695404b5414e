import type { Family } from '#facts/address.ts';
import { chainName, policySet } from './calico-names.ts';
import type { Workload } from './topology.ts';

type Chains = readonly (readonly [string, readonly string[]])[];

const established = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT';
const invalid = '-m conntrack --ctstate INVALID -j DROP';
const clearAccept = '-j MARK --set-xmark 0x0/0x10000';
const returnIfAccepted = (comment: string): string => `-m comment --comment "${comment}" -m mark --mark 0x10000/0x10000 -j RETURN`;

/** `cali-tw-IF` (to the workload) and `cali-fw-IF` (from it): state, policies, profiles, and a DROP for what none accepted. */
export function endpointChains(family: Family, workloads: readonly Workload[]): Chains {
  return [
    ...workloads.flatMap(
      (workload): Chains => [
        [
          chainName('cali-tw-', workload.interface),
          [established, invalid, clearAccept, ...policyRules('cali-pi-', workload), ...profileRules('cali-pri-', workload)],
        ],
        [
          chainName('cali-fw-', workload.interface),
          [
            established,
            invalid,
            clearAccept,
            '-p udp -m comment --comment "VXLAN from a pod" -m multiport --dports 4789 -j DROP',
            '-p 4 -m comment --comment "IPIP from a pod" -j DROP',
            ...policyRules('cali-po-', workload),
            ...profileRules('cali-pro-', workload),
          ],
        ],
      ],
    ),
    ...policyChains(family),
  ];
}

/** One NetworkPolicy selects the pods of namespace `shop`. */
const policy = 'default.shop-allow';
const hasPolicy = ({ namespace }: Workload): boolean => namespace === 'shop';

function policyRules(prefix: string, workload: Workload): readonly string[] {
  if (!hasPolicy(workload)) return [];
  return [
    '-m comment --comment "Start of policies" -j MARK --set-xmark 0x0/0x20000',
    `-m mark --mark 0x0/0x20000 -j ${chainName(prefix, policy)}`,
    returnIfAccepted('policy accepted'),
    '-m comment --comment "no policy passed" -m mark --mark 0x0/0x20000 -j DROP',
  ];
}

function policyChains(family: Family): Chains {
  const set = `${family === 'ip' ? 'cali40' : 'cali60'}${policySet}`;
  const accept = (conditions: string): readonly string[] => [
    `${conditions} -j MARK --set-xmark 0x10000/0x10000`.trim(),
    '-m mark --mark 0x10000/0x10000 -j RETURN',
  ];
  return [
    [chainName('cali-pi-', policy), [...accept(`-p tcp -m set --match-set ${set} src -m multiport --dports 8080`), ...accept('')]],
    [chainName('cali-po-', policy), accept('')],
  ];
}

const profilesOf = ({ namespace }: Workload): readonly string[] => [`kns.${namespace}`, `ksa.${namespace}.default`];

function profileRules(prefix: string, workload: Workload): readonly string[] {
  const rules = profilesOf(workload).flatMap((profile) => [`-j ${chainName(prefix, profile)}`, returnIfAccepted('profile accepted')]);
  return [...rules, '-m comment --comment "no profile matched" -j DROP'];
}

/** `cali-pri-` and `cali-pro-`: a namespace's profile accepts, a service account's says nothing. */
export function profileChains(workloads: readonly Workload[]): Chains {
  const profiles = [...new Set(workloads.flatMap(profilesOf))];
  return profiles.flatMap((profile): Chains => {
    const rules = profile.startsWith('kns.') ? ['-j MARK --set-xmark 0x10000/0x10000', '-m mark --mark 0x10000/0x10000 -j RETURN'] : [];
    return [
      [chainName('cali-pri-', profile), rules],
      [chainName('cali-pro-', profile), rules],
    ];
  });
}
