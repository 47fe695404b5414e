import type { Located } from '#facts/evidence.ts';
import { conclude, type Fault, type Outcome, ruledOut } from './check.ts';
import type { NodeNetwork } from './node-network.ts';

/** The node forwards: as a whole, and on every workload interface (the kernel looks at the interface that a packet comes in on). */
export function forwarding(network: NodeNetwork): Outcome {
  const wanted = wantedSysctls(network);
  const found = wanted.map((name) => ({ name, sysctl: network.snapshot.sysctls.get(name) }));
  return conclude({
    faults: found.flatMap(({ name, sysctl }): readonly Fault[] =>
      sysctl?.value.trim() === '0' ? [{ subject: name, says: 'is 0: packets are not forwarded', at: sysctl }] : [],
    ),
    missing: [
      ...found.filter(({ sysctl }) => sysctl === undefined).map(({ name }) => name),
      ...(network.linksMissing === null ? [] : [network.linksMissing]),
    ],
    otherwise: () =>
      ruledOut(
        `${wanted.length} sysctls, all on`,
        found.flatMap(({ name, sysctl }) => said(name, sysctl)),
      ),
  });
}

/** IPv6 has one switch for forwarding that matters, conf.all; it is asked for only where a pod has such an address. */
function wantedSysctls(network: NodeNetwork): readonly string[] {
  const has = (family: 'ip' | 'ip6') => network.endpoints.some((endpoint) => endpoint.address.family === family);
  return [
    'net.ipv4.ip_forward',
    ...network.workloadLinks.map((link) => `net.ipv4.conf.${link.name}.forwarding`),
    ...(has('ip6') ? ['net.ipv6.conf.all.forwarding'] : []),
  ];
}

function said(name: string, sysctl: Located<string> | undefined) {
  return sysctl === undefined ? [] : [{ at: sysctl, says: name }];
}
