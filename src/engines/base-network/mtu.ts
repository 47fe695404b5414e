import type { Link } from '#facts/network.ts';
import { conclude, type Fault, type Outcome, ruledOut } from './check.ts';
import type { NodeNetwork } from './node-network.ts';

/** Bytes that a tunnel adds to a packet over IPv4, by kind. */
const overheads: Readonly<Record<string, number>> = { ipip: 20, vxlan: 50, wireguard: 60 };

/** Pods fit into the tunnel or the uplink, and the tunnel with its overhead into the uplink. Looks at the host's ends of the veths. */
export function podMtu(network: NodeNetwork): Outcome {
  const uplink = uplinkOf(network);
  const tunnels = [...network.links.values()].filter((link) => link.up && overheadOf(link) !== null);
  const faults = network.workloadLinks.flatMap((link) => tooLarge(link, tunnels.length > 0 ? tunnels : uplink === null ? [] : [uplink]));
  const tunnelFaults = uplink === null ? [] : tunnels.flatMap((tunnel) => tooLarge(tunnel, [uplink], overheadOf(tunnel) ?? 0));
  return conclude({
    faults: [...faults, ...tunnelFaults],
    missing: [network.linksMissing, network.routesMissing, uplink === null ? 'the uplink: there is no default route' : null].filter(
      (reason) => reason !== null,
    ),
    otherwise: () =>
      ruledOut(
        `${network.workloadLinks.length} pod interfaces fit into ${[...tunnels, ...(uplink === null ? [] : [uplink])].map(withMtu).join(', ')}`,
        [...(uplink === null ? [] : [uplink]), ...tunnels, ...network.workloadLinks].map((link) => ({ at: link, says: withMtu(link) })),
      ),
  });
}

function tooLarge(link: Link, carriers: readonly Link[], overhead = 0): readonly Fault[] {
  return carriers
    .filter((carrier) => link.mtu + overhead > carrier.mtu)
    .map((carrier) => ({
      subject: link.name,
      says: `MTU ${link.mtu}${overhead > 0 ? ` and ${overhead} bytes of tunnel` : ''} do not fit into ${withMtu(carrier)}`,
      at: link,
    }));
}

/** By what the kernel calls it, else by the names that Calico gives its tunnels. */
function overheadOf(link: Link): number | null {
  const named = /^tunl\d/.test(link.name)
    ? 'ipip'
    : /^vxlan(-v6)?\.calico$/.test(link.name)
      ? 'vxlan'
      : /^wireguard\.cali$/.test(link.name)
        ? 'wireguard'
        : '';
  return overheads[link.kind ?? ''] ?? overheads[named] ?? null;
}

function uplinkOf(network: NodeNetwork): Link | null {
  const { routes } = network.snapshot;
  if (routes.kind === 'missing') return null;
  const defaults = routes.value.filter((route) => route.destination.bits === 0 && route.type === 'unicast' && route.table === 'main');
  const best = defaults.toSorted((a, b) => (a.family === b.family ? a.metric - b.metric : a.family === 'ip' ? -1 : 1))[0];
  return network.links.get(best?.interface ?? '') ?? null;
}

function withMtu(link: Link): string {
  return `${link.name} (MTU ${link.mtu})`;
}
