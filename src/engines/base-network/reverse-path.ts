import { sameAddress } from '#facts/address.ts';
import type { Link } from '#facts/network.ts';
import { conclude, type Fault, type Outcome, ruledOut } from './check.ts';
import { endpointText, type NodeNetwork } from './node-network.ts';

/**
 * Strict reverse path filtering drops a pod's packets only where the route back to the pod leads elsewhere. The larger value
 * of `all` and the interface counts (net/ipv4/devinet.c, IN_DEV_RPFILTER); 1 is strict, 2 loose.
 */
export function reversePath(network: NodeNetwork): Outcome {
  const modes = network.workloadLinks.map((link) => ({ link, mode: effective(network, link) }));
  const strict = modes.filter(({ mode }) => mode === 1).map(({ link }) => link);
  return conclude({
    faults: strict.flatMap((link) => routedElsewhere(network, link)),
    missing: [
      ...modes.filter(({ mode }) => mode === null).map(({ link }) => `net.ipv4.conf.${link.name}.rp_filter and all`),
      ...(network.linksMissing === null ? [] : [network.linksMissing]),
      ...(strict.length > 0 ? missingForStrict(network) : []),
    ],
    otherwise: () =>
      ruledOut(
        strict.length === 0
          ? `not strict on any of ${modes.length} workload interfaces`
          : `strict on ${strict.length} of ${modes.length} workload interfaces, and the route back to each pod is its own interface`,
        modes.flatMap(({ link }) => {
          const sysctl = network.snapshot.sysctls.get(`net.ipv4.conf.${link.name}.rp_filter`);
          return sysctl === undefined ? [] : [{ at: sysctl, says: `rp_filter of ${link.name}` }];
        }),
      ),
  });
}

function effective(network: NodeNetwork, link: Link): number | null {
  const own = network.snapshot.sysctls.get(`net.ipv4.conf.${link.name}.rp_filter`);
  const all = network.snapshot.sysctls.get('net.ipv4.conf.all.rp_filter');
  return own === undefined || all === undefined ? null : Math.max(Number(own.value), Number(all.value));
}

/** The neighbour table shows who is behind an interface; a route that leads elsewhere makes the filter drop what it sends. */
function routedElsewhere(network: NodeNetwork, link: Link): readonly Fault[] {
  const { neighbours } = network.snapshot;
  if (neighbours.kind === 'missing') return [];
  const alive = neighbours.value.filter((entry) => entry.interface === link.name && entry.mac !== null && !entry.state.includes('FAILED'));
  return network.endpoints
    .filter(
      ({ address, route }) =>
        route?.family === 'ip' && route.interface !== link.name && alive.some((entry) => sameAddress(entry.address, address)),
    )
    .map((endpoint) => ({
      subject: link.name,
      says: `strict, and the route back to ${endpointText(endpoint)} leads to ${endpoint.route?.interface}`,
      at: endpoint.route,
    }));
}

function missingForStrict(network: NodeNetwork): readonly string[] {
  const { routingRules, neighbours } = network.snapshot;
  const unusual = routingRules.kind === 'read' && routingRules.value.some((rule) => ![0, 32766, 32767].includes(rule.priority));
  return [
    ...[network.endpointsMissing, network.routesMissing].filter((reason) => reason !== null),
    ...(routingRules.kind === 'missing' ? [`${routingRules.source}: ${routingRules.because}`] : []),
    ...(neighbours.kind === 'missing' ? [`${neighbours.source}: ${neighbours.because}`] : []),
    ...(unusual ? ['which routing table the route back is taken from: there are policy routing rules'] : []),
  ];
}
