import { formatAddress } from '#facts/address.ts';
import { conclude, type Fault, type Outcome, ruledOut } from './check.ts';
import type { NodeNetwork } from './node-network.ts';

/** The gateway of every Calico pod, which nobody has: the node answers for it by proxy ARP. */
const podGateway = '169.254.1.1';

/** The node answers for the pods' gateway on each of Calico's veths: proxy_arp of the interface or of all (the kernel takes either). */
export function proxyArp(network: NodeNetwork): Outcome {
  const { sysctls, addresses } = network.snapshot;
  const links = network.workloadLinks.filter((link) => link.name.startsWith('cali'));
  const all = sysctls.get('net.ipv4.conf.all.proxy_arp');
  const owned = new Set(
    addresses.kind === 'missing'
      ? []
      : addresses.value.filter((own) => formatAddress(own.address) === podGateway).map((own) => own.interface),
  );
  const asked = links
    .filter((link) => all?.value.trim() !== '1' && !owned.has(link.name))
    .map((link) => ({ link, sysctl: sysctls.get(`net.ipv4.conf.${link.name}.proxy_arp`) }));
  const unread = asked.filter(
    ({ sysctl }) => sysctl === undefined || (sysctl.value.trim() === '0' && (all === undefined || addresses.kind === 'missing')),
  );
  return conclude({
    faults: asked.flatMap(({ link, sysctl }): readonly Fault[] =>
      sysctl?.value.trim() === '0' && all !== undefined && addresses.kind === 'read'
        ? [{ subject: link.name, says: `nobody answers for ${podGateway}: proxy_arp is off`, at: sysctl }]
        : [],
    ),
    missing: [
      ...unread.map(({ link }) => `net.ipv4.conf.${link.name}.proxy_arp`),
      ...(network.linksMissing === null ? [] : [network.linksMissing]),
    ],
    otherwise: () =>
      ruledOut(
        `the node answers for the gateway on all ${links.length} of Calico's interfaces`,
        asked.flatMap(({ link, sysctl }) => (sysctl === undefined ? [] : [{ at: sysctl, says: `on for ${link.name}` }])),
      ),
  });
}
