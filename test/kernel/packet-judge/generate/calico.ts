import { services } from './coverage.ts';
import { four, type Names, six } from './names.ts';
import { packets } from './packets.ts';
import type { Random } from './random.ts';
import { type Chains, saveTable } from './save-text.ts';
import type { Shape } from './shape.ts';

/** Marks as Felix hands them out: accept, pass, scratch 0 and the endpoint's. */
const accept = '0x10000/0x10000';
const accepted = (then: string): string => `-m mark --mark ${accept} -j ${then}`;
const clear = '-j MARK --set-xmark 0x0/0xf0000';

/** Felix of v3.18 and later: dispatch, policies with ipsets, profiles, marks; in one backend, or stale in the other. */
export const calico: Shape = {
  name: 'calico',
  weight: 4,
  make: (random) => {
    const names = random.chance(70) ? four : six;
    const command = names.six ? 'ip6tables' : 'iptables';
    const stale = random.chance(92);
    const current = random.pick(['legacy', 'nft'] as const);
    const other = current === 'nft' ? 'legacy' : 'nft';
    return {
      setup: [...services, ...calicoSets(names)],
      rules: {
        [`${command}-${current}`]: felixRules(random, names, ['tunA', 'tunB']),
        ...(stale && { [`${command}-${other}`]: felixRules(random, names, random.pick([['tunA'], ['tunB'], []])) }),
      },
      nftFirst: random.chance(50),
      packets: packets(random, 55, { six: names.six ? 95 : 5 }),
    };
  },
};

const set = ({ six: isSix }: Names, name: string): string => `cali${isSix ? 60 : 40}${name}`;

function calicoSets(names: Names): readonly string[] {
  const family = names.six ? ' family inet6' : '';
  const members: Readonly<Record<string, readonly string[]>> = {
    'masq-ipam-pools': names.six ? ['fd01::/64'] : ['10.1.0.0/16'],
    'all-ipam-pools': names.six ? ['fd01::/64', 'fd02::/112'] : ['10.1.0.0/16', '10.2.0.0/24'],
    's:pods': names.six ? ['fd01::5', 'fd02::5'] : ['10.1.0.5', '10.2.0.5'],
    'this-host': names.host,
  };
  const ports = names.six ? ['fd02::5,tcp:80', 'fd02::9:1,udp:53'] : ['10.2.0.5,tcp:80', '10.2.9.1,udp:53'];
  return [
    ...Object.entries(members).flatMap(([name, list]) => [
      `ipset create ${set(names, name)} ${name === 's:pods' || name === 'this-host' ? 'hash:ip' : 'hash:net'}${family}`,
      ...list.map((member) => `ipset add ${set(names, name)} ${member}`),
    ]),
    `ipset create ${set(names, 'n:ports')} hash:ip,port${family}`,
    ...ports.map((member) => `ipset add ${set(names, 'n:ports')} ${member}`),
  ];
}

function felixRules(random: Random, names: Names, known: readonly string[]): string {
  return [
    saveTable('raw', rawTable(random)),
    saveTable('mangle', mangleTable(random)),
    saveTable('nat', natTable(random, names)),
    saveTable('filter', filterTable(random, names, known)),
  ].join('');
}

function rawTable(random: Random): Chains {
  const reversePath = random.chance(60) ? ['-m mark --mark 0x40000/0x40000 -m rpfilter --validmark --invert -j DROP'] : [];
  const untracked = random.chance(20) ? ['-p udp -m udp --dport 53 -j CT --notrack'] : [];
  return {
    PREROUTING: ['-m comment --comment "cali:6gwbT8clXdHdC1b1" -j cali-PREROUTING'],
    OUTPUT: ['-m comment --comment "cali:tVnHkvAo15HuiPy0" -j cali-OUTPUT'],
    'cali-PREROUTING': [
      clear,
      '-i tun+ -j MARK --set-xmark 0x40000/0x40000',
      ...reversePath,
      '-m mark --mark 0x0/0x40000 -j cali-from-host-endpoint',
      accepted('ACCEPT'),
      ...untracked,
    ],
    'cali-OUTPUT': [clear, '-j cali-to-host-endpoint', accepted('ACCEPT')],
    'cali-from-host-endpoint': [],
    'cali-to-host-endpoint': [],
  };
}

function mangleTable(random: Random): Chains {
  return {
    PREROUTING: ['-j cali-PREROUTING'],
    POSTROUTING: ['-j cali-POSTROUTING'],
    'cali-PREROUTING': [
      '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      accepted('ACCEPT'),
      '-j cali-from-host-endpoint',
      `-m comment --comment "accepted by host endpoint policy" ${accepted('ACCEPT')}`,
    ],
    'cali-POSTROUTING': [accepted('RETURN'), clear, '-m conntrack --ctstate DNAT -j cali-to-host-endpoint', accepted('RETURN')],
    'cali-from-host-endpoint': random.chance(30)
      ? ['-i tunA -p tcp -m multiport --dports 22,179,2379 -j MARK --set-xmark 0x10000/0x10000']
      : [],
    'cali-to-host-endpoint': [],
  };
}

function natTable(random: Random, names: Names): Chains {
  const masquerade = `-m set --match-set ${set(names, 'masq-ipam-pools')} src -m set ! --match-set ${set(names, 'all-ipam-pools')} dst -j MASQUERADE --random-fully`;
  const floating = names.six ? ['fd00:96::10', 'fd02::5'] : ['10.96.0.10', '10.2.0.5'];
  const hasFloating = random.chance(40);
  return {
    PREROUTING: ['-j cali-PREROUTING'],
    OUTPUT: ['-j cali-OUTPUT'],
    POSTROUTING: ['-j cali-POSTROUTING'],
    'cali-PREROUTING': ['-j cali-fip-dnat'],
    'cali-OUTPUT': ['-j cali-fip-dnat'],
    'cali-POSTROUTING': [
      '-j cali-fip-snat',
      '-j cali-nat-outgoing',
      ...(random.chance(40)
        ? ['-o tunB -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL -j MASQUERADE --random-fully']
        : []),
    ],
    'cali-nat-outgoing': [masquerade],
    'cali-fip-dnat': hasFloating ? [`-d ${floating[0]} -j DNAT --to-destination ${floating[1]}`] : [],
    'cali-fip-snat': hasFloating ? [`-s ${floating[1]} -d ${floating[1]} -j SNAT --to-source ${floating[0]}`] : [],
  };
}

function filterTable(random: Random, names: Names, known: readonly string[]): Chains {
  const toHost = random.pick(['ACCEPT', 'DROP', 'RETURN']);
  const discovery = names.six ? [130, 131, 132, 133, 135, 136].map((type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`) : [];
  const unknown = random.pick(['DROP', 'DROP', 'REJECT']);
  const endpoints = Object.assign({}, ...known.map((name) => endpointChains(random, names, name))) as Chains;
  return {
    INPUT: ['-j cali-INPUT'],
    FORWARD: [
      '-j cali-FORWARD',
      ...(random.chance(70)
        ? [`-m comment --comment "cali:S93hcgKJrXEqnTfs" ${accepted('ACCEPT')}`, '-j MARK --set-xmark 0x10000/0x10000']
        : []),
    ],
    OUTPUT: ['-j cali-OUTPUT'],
    'cali-INPUT': ['-i tun+ -g cali-wl-to-host', accepted('ACCEPT'), clear, '-j cali-from-host-endpoint', accepted('ACCEPT')],
    'cali-wl-to-host': [
      ...discovery,
      '-p udp -m udp --sport 68 --dport 67 -j ACCEPT',
      '-j cali-from-wl-dispatch',
      ...(toHost === 'RETURN' ? [] : [`-m comment --comment "Configured DefaultEndpointToHostAction" -j ${toHost}`]),
    ],
    'cali-FORWARD': [
      '-j MARK --set-xmark 0x0/0xe0000',
      '-m mark --mark 0x0/0x10000 -j cali-from-hep-forward',
      '-i tun+ -j cali-from-wl-dispatch',
      '-o tun+ -j cali-to-wl-dispatch',
      '-j cali-to-hep-forward',
      '-j cali-cidr-block',
    ],
    'cali-OUTPUT': [
      accepted('ACCEPT'),
      '-o tun+ -j RETURN',
      clear,
      '-m conntrack ! --ctstate DNAT -j cali-to-host-endpoint',
      accepted('ACCEPT'),
    ],
    'cali-from-wl-dispatch': [
      ...known.map((name) => `-i ${name} -g cali-fw-${name}`),
      `-m comment --comment "Unknown interface" -j ${unknown}`,
    ],
    'cali-to-wl-dispatch': [
      ...known.map((name) => `-o ${name} -g cali-tw-${name}`),
      `-m comment --comment "Unknown interface" -j ${unknown}`,
    ],
    'cali-from-host-endpoint': [],
    'cali-to-host-endpoint': [],
    'cali-from-hep-forward': [],
    'cali-to-hep-forward': [],
    'cali-cidr-block': random.chance(20) ? [`-d ${names.service} -j DROP`] : [],
    ...endpoints,
  };
}

function endpointChains(random: Random, names: Names, name: string): Chains {
  const start = [
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ...(random.chance(80) ? ['-m conntrack --ctstate INVALID -j DROP'] : []),
    '-j MARK --set-xmark 0x0/0x10000',
  ];
  const tunnels = [
    '-p udp -m comment --comment "Drop VXLAN encapped packets originating in workloads" -m multiport --dports 4789 -j DROP',
    '-p 4 -j DROP',
  ];
  const [inward, outward] = [policies(random, names, `pi-${name}`), policies(random, names, `po-${name}`)];
  return {
    [`cali-tw-${name}`]: [...start, ...inward.rules],
    [`cali-fw-${name}`]: [...start, ...tunnels, ...outward.rules],
    ...inward.chains,
    ...outward.chains,
  };
}

/** A tier of policies, then profiles; what none accepts is dropped. */
function policies(random: Random, names: Names, name: string): { readonly rules: readonly string[]; readonly chains: Chains } {
  const listed = random.many(random.below(3), (i) => `cali-${name}-${i}`);
  const tier = listed.flatMap((chain) => [
    `-m mark --mark 0x0/0x20000 -j ${chain}`,
    `-m comment --comment "Return if policy accepted" ${accepted('RETURN')}`,
  ]);
  const rules =
    listed.length === 0
      ? []
      : [
          '-m comment --comment "Start of tier default" -j MARK --set-xmark 0x0/0x20000',
          ...tier,
          `-m comment --comment "Drop if no policies passed packet" -m mark --mark 0x0/0x20000 -j ${random.pick(['DROP', 'DROP', 'REJECT'])}`,
        ];
  const profile = `cali-pr-${name}`;
  return {
    rules: [...rules, `-j ${profile}`, accepted('RETURN'), '-m comment --comment "Drop if no profiles matched" -j DROP'],
    chains: {
      ...Object.fromEntries(listed.map((chain) => [chain, random.many(1 + random.below(3), () => policyRule(random, names)).flat()])),
      [profile]: random.chance(70) ? ['-j MARK --set-xmark 0x10000/0x10000', accepted('RETURN')] : [],
    },
  };
}

function policyRule(random: Random, names: Names): readonly string[] {
  const not = random.chance(25) ? '! ' : '';
  const conditions = random.pick([
    `-p tcp -m set ${not}--match-set ${set(names, 's:pods')} src -m multiport ${not}--dports 80,8080:8090`,
    `-m set ${not}--match-set ${set(names, 's:pods')} ${random.pick(['src', 'dst'])}`,
    `-m set ${not}--match-set ${set(names, 'n:ports')} dst,dst`,
    `-p udp -m multiport --dports 53`,
    `-p ${names.icmp} -m icmp${names.six ? '6' : ''} ${not}--icmp${names.six ? 'v6' : ''}-type ${names.six ? '128' : '8/0'}`,
    `-s ${names.sources[0]} ${not}-d ${names.destinations[0]}`,
    '',
  ]);
  const action = random.weighted([
    [5, 'allow'],
    [2, 'deny'],
    [1, 'pass'],
    [1, 'log'],
  ] as const);
  if (action === 'deny') return [`${conditions} -j DROP`.trim()];
  if (action === 'log') return [`${conditions} -j NFLOG --nflog-prefix "calico-packet" --nflog-group 7`.trim()];
  const mark = action === 'allow' ? '0x10000/0x10000' : '0x20000/0x20000';
  return [`${conditions} -j MARK --set-xmark ${mark}`.trim(), `-m mark --mark ${mark} -j RETURN`];
}
