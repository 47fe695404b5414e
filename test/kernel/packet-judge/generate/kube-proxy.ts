import { services as serviceRoutes } from './coverage.ts';
import { four, type Names, six } from './names.ts';
import { packets } from './packets.ts';
import type { Random } from './random.ts';
import { type Chains, saveTable } from './save-text.ts';
import type { Shape } from './shape.ts';

interface Service {
  readonly address: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly endpoints: readonly string[];
  readonly nodePort: boolean;
  readonly affinity: boolean;
  readonly local: boolean;
}

/** kube-proxy's iptables mode: probabilities, masquerade marks, node ports, client affinity, services without endpoints. */
export const kubeProxy: Shape = {
  name: 'kube-proxy',
  weight: 4,
  make: (random) => {
    const names = random.chance(70) ? four : six;
    const command = names.six ? 'ip6tables' : 'iptables';
    const backend = random.pick(['legacy', 'nft'] as const);
    const both = random.chance(90);
    const list = drawServices(random, names);
    return {
      setup: serviceRoutes,
      rules: {
        [`${command}-${backend}`]: kubeProxyRules(random, names, list),
        ...(both && { [`${command}-${backend === 'nft' ? 'legacy' : 'nft'}`]: kubeProxyRules(random, names, drawServices(random, names)) }),
      },
      nftFirst: random.chance(50),
      packets: packets(random, 55, { six: names.six ? 95 : 5 }),
    };
  },
};

export function drawServices(random: Random, names: Names): readonly Service[] {
  const endpoints = names.six ? ['fd02::5', 'fd02::9:1', 'fd01::5'] : ['10.2.0.5', '10.2.9.1', '10.1.0.5'];
  return [53, 80, 443, 8080]
    .filter(() => random.chance(70))
    .map((port) => ({
      address: random.chance(80) ? names.service : random.pick(names.destinations),
      port,
      protocol: random.pick(port === 53 ? (['udp', 'tcp'] as const) : (['tcp', 'tcp', 'sctp'] as const)),
      endpoints: endpoints.filter(() => random.chance(55)),
      nodePort: random.chance(40),
      affinity: random.chance(10),
      local: random.chance(25),
    }));
}

const chainOf = (prefix: string, service: Service, rest = ''): string =>
  `KUBE-${prefix}-${service.protocol.toUpperCase()}${service.port}${rest}`;
const target = (names: Names, address: string, port: number): string => (names.six ? `[${address}]:${port}` : `${address}:${port}`);

function kubeProxyRules(random: Random, names: Names, list: readonly Service[]): string {
  const served = list.filter(({ endpoints }) => endpoints.length > 0);
  const masqueradeAll = random.chance(20);
  const nat: Chains = {
    PREROUTING: ['-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'],
    OUTPUT: ['-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'],
    POSTROUTING: ['-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING'],
    'KUBE-MARK-MASQ': ['-j MARK --set-xmark 0x4000/0x4000'],
    'KUBE-MARK-DROP': ['-j MARK --set-xmark 0x8000/0x8000'],
    'KUBE-POSTROUTING': [
      '-m mark ! --mark 0x4000/0x4000 -j RETURN',
      '-j MARK --set-xmark 0x4000/0x0',
      `-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE${random.pick([' --random-fully', ''])}`,
    ],
    'KUBE-SERVICES': [
      ...served.flatMap((service) => portal(random, names, service, masqueradeAll)),
      '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    ],
    'KUBE-NODEPORTS': served
      .filter(({ nodePort }) => nodePort)
      .map(
        (service) => `-p ${service.protocol} -m ${service.protocol} --dport 30080 -j ${chainOf(service.local ? 'XLB' : 'EXT', service)}`,
      ),
    ...(Object.assign({}, ...served.map((service) => serviceChains(names, service))) as Chains),
  };
  return saveTable('mangle', { 'KUBE-KUBELET-CANARY': [] }) + saveTable('nat', nat) + saveTable('filter', filterTable(random, list));
}

function portal(random: Random, names: Names, service: Service, masqueradeAll: boolean): readonly string[] {
  const { address, protocol, port } = service;
  const meets = `-d ${address}/${names.six ? 128 : 32} -p ${protocol} -m comment --comment "ns/svc:p cluster IP" -m ${protocol} --dport ${port}`;
  const outside = names.six ? 'fd01::/64' : '10.1.0.0/16';
  const masquerade = masqueradeAll
    ? [`${meets} -j KUBE-MARK-MASQ`]
    : random.chance(60)
      ? [`! -s ${outside} ${meets} -j KUBE-MARK-MASQ`]
      : [];
  return [...masquerade, `${meets} -j ${chainOf('SVC', service)}`];
}

function serviceChains(names: Names, service: Service): Chains {
  const { endpoints, protocol, affinity } = service;
  const seps = endpoints.map((address, i) => ({
    address,
    chain: chainOf('SEP', service, `-${i}`),
    list: chainOf('SEP', service, `-${i}`),
  }));
  const remembered = affinity
    ? seps.map(({ chain, list }) => `-m recent --rcheck --seconds 10800 --reap --name ${list} --rsource -j ${chain}`)
    : [];
  const spread = seps.map(({ chain }, i) => {
    const left = seps.length - i;
    return `-m comment --comment "ns/svc:p"${left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}`} -j ${chain}`;
  });
  return {
    [chainOf('SVC', service)]: [...remembered, ...spread],
    [chainOf('EXT', service)]: ['-j KUBE-MARK-MASQ', `-j ${chainOf('SVC', service)}`],
    [chainOf('XLB', service)]: [
      `-s ${names.six ? 'fd01::/64' : '10.1.0.0/16'} -j ${chainOf('SVC', service)}`,
      `-m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
      `-m addrtype --src-type LOCAL -j ${chainOf('SVC', service)}`,
      ...(seps[0] === undefined ? ['-j KUBE-MARK-DROP'] : [`-j ${seps[0].chain}`]),
    ],
    ...Object.fromEntries(
      seps.map(({ address, chain, list }) => [
        chain,
        [
          `-s ${address}/${names.six ? 128 : 32} -j KUBE-MARK-MASQ`,
          `-p ${protocol}${affinity ? ` -m recent --set --name ${list} --rsource` : ''} -m ${protocol} -j DNAT --to-destination ${target(names, address, 8080)}`,
        ],
      ]),
    ),
  };
}

function filterTable(random: Random, list: readonly Service[]): Chains {
  const empty = list.filter(({ endpoints }) => endpoints.length === 0);
  return {
    INPUT: [
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
      '-j KUBE-FIREWALL',
    ],
    FORWARD: [
      '-m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL',
      '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    ],
    OUTPUT: ['-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES', '-j KUBE-FIREWALL'],
    'KUBE-PROXY-FIREWALL': [],
    'KUBE-EXTERNAL-SERVICES': empty
      .filter(({ nodePort }) => nodePort)
      .map(
        ({ protocol }) =>
          `-p ${protocol} -m comment --comment "ns/svc:p has no endpoints" -m addrtype --dst-type LOCAL -m ${protocol} --dport 30080 -j REJECT`,
      ),
    'KUBE-SERVICES': empty.map(
      ({ address, protocol, port }) =>
        `-d ${address} -p ${protocol} -m comment --comment "ns/svc:p has no endpoints" -m ${protocol} --dport ${port} -j ${random.pick(['REJECT', 'DROP'])}`,
    ),
    'KUBE-NODEPORTS': [],
    'KUBE-FORWARD': [
      ...(random.chance(60) ? ['-m conntrack --ctstate INVALID -j DROP'] : []),
      '-m mark --mark 0x4000/0x4000 -j ACCEPT',
      '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ],
    'KUBE-FIREWALL': ['-m mark --mark 0x8000/0x8000 -j DROP'],
  };
}
