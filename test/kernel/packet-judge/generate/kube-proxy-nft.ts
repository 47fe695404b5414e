import { services as serviceRoutes } from './coverage.ts';
import { drawServices } from './kube-proxy.ts';
import { four, type Names, six } from './names.ts';
import { packets } from './packets.ts';
import type { Random } from './random.ts';
import type { Shape } from './shape.ts';
import { xtRules } from './xt-rules.ts';

/** kube-proxy's nftables mode: verdict maps of concatenations, numgen, goto into endpoints; beside rules of iptables. */
export const kubeProxyNft: Shape = {
  name: 'kube-proxy-nft',
  weight: 3,
  make: (random) => {
    const names = random.chance(70) ? four : six;
    const legacy = random.chance(92);
    return {
      setup: serviceRoutes,
      rules: legacy ? { [`${names.six ? 'ip6tables' : 'iptables'}-legacy`]: withoutSets(xtRules(random, names)) } : {},
      nftFirst: random.chance(50),
      native: kubeProxyTable(random, names),
      nativeFirst: random.chance(50),
      packets: packets(random, 55, { six: names.six ? 95 : 5 }),
    };
  },
};

/** The sets of the coverage shape are not made here. */
const withoutSets = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/match-set|add-set/.test(line))
    .join('\n');

function kubeProxyTable(random: Random, names: Names): string {
  const list = drawServices(random, names);
  const ip = names.six ? 'ip6' : 'ip';
  const type = names.six ? 'ipv6_addr' : 'ipv4_addr';
  const served = list.filter(({ endpoints }) => endpoints.length > 0);
  const cluster = names.six ? 'fd01::/64' : '10.1.0.0/16';
  const elements = (lines: readonly string[]): string =>
    lines.length === 0 ? '' : `    elements = { ${[...new Map(lines.map((line) => [line.split(' : ')[0], line])).values()].join(', ')} }\n`;
  const nameOf = ({ protocol, port }: (typeof list)[number]): string => `svc-${protocol}-${port}`;
  const endpointChains = served.flatMap((service) =>
    service.endpoints.map(
      (address, i) =>
        `  chain ep-${nameOf(service)}-${i} {\n    ${ip} saddr ${address} jump mark-for-masquerade\n    meta l4proto ${service.protocol} dnat to ${names.six ? `[${address}]` : address}:8080\n  }\n`,
    ),
  );
  const serviceChains = served.map((service) => {
    const spread = service.endpoints.map((_, i) => `${i} : goto ep-${nameOf(service)}-${i}`).join(', ');
    return `  chain ${nameOf(service)} {\n    ${ip} daddr ${service.address} ${service.protocol} dport ${service.port} ${ip} saddr != ${cluster} jump mark-for-masquerade\n    numgen random mod ${service.endpoints.length} vmap { ${spread} }\n  }\n  chain ext-${nameOf(service)} {\n    jump mark-for-masquerade\n    goto ${nameOf(service)}\n  }\n`;
  });
  return (
    `table ${ip} kube-proxy {
  set cluster-ips {
    type ${type}
${elements(list.map(({ address }) => address))}  }
  set nodeport-ips {
    type ${type}
${elements(names.host.filter(() => random.chance(70)))}  }
  map service-ips {
    type ${type} . inet_proto . inet_service : verdict
${elements(served.map((service) => `${service.address} . ${service.protocol} . ${service.port} : goto ${nameOf(service)}`))}  }
  map service-nodeports {
    type inet_proto . inet_service : verdict
${elements(served.filter(({ nodePort }) => nodePort).map((service) => `${service.protocol} . 30080 : goto ext-${nameOf(service)}`))}  }
  map no-endpoint-services {
    type ${type} . inet_proto . inet_service : verdict
${elements(list.filter(({ endpoints }) => endpoints.length === 0).map(({ address, protocol, port }) => `${address} . ${protocol} . ${port} : ${random.pick(['drop', 'goto reject-chain'])}`))}  }
  map no-endpoint-nodeports {
    type inet_proto . inet_service : verdict
${elements(list.filter(({ endpoints, nodePort }) => endpoints.length === 0 && nodePort).map(({ protocol }) => `${protocol} . 30080 : drop`))}  }
`.replace(
      '  map service-ips',
      `  chain mark-for-masquerade {
    meta mark set meta mark or 0x4000
  }
  chain masquerading {
    meta mark and 0x4000 == 0 return
    meta mark set meta mark xor 0x4000
    masquerade fully-random
  }
  chain reject-chain {
    reject
  }
${endpointChains.join('')}${serviceChains.join('')}  map service-ips`,
    ) +
    `  chain services {
    ${ip} daddr . meta l4proto . th dport vmap @service-ips
    ${ip} daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports
  }
  chain endpoint-check {
    ${ip} daddr . meta l4proto . th dport vmap @no-endpoint-services
    fib daddr type local ${ip} daddr != ${names.six ? '::1' : '127.0.0.0/8'} meta l4proto . th dport vmap @no-endpoint-nodeports
  }
  chain cluster-ips-check {
    ${ip} daddr @cluster-ips reject
  }
  chain filter-input {
    type filter hook input priority -110; policy accept;
    ct state new jump endpoint-check
  }
  chain filter-forward {
    type filter hook forward priority -110; policy accept;
    ct state new jump endpoint-check
    ct state new jump cluster-ips-check
  }
  chain filter-output {
    type filter hook output priority -110; policy accept;
    ct state new jump endpoint-check
  }
  chain filter-output-post-dnat {
    type filter hook output priority -90; policy accept;
    ct state new jump cluster-ips-check
  }
  chain nat-prerouting {
    type nat hook prerouting priority -100; policy accept;
    jump services
  }
  chain nat-output {
    type nat hook output priority -100; policy accept;
    jump services
  }
  chain nat-postrouting {
    type nat hook postrouting priority 100; policy accept;
    jump masquerading
  }
}
`
  );
}
