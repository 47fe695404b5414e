import { conclude, type Fault, type Outcome, ruledOut } from './check.ts';
import { endpointText, type NodeNetwork } from './node-network.ts';

/** Every pod address has a host route of its own, to an interface that no other pod of that family uses. */
export function podRoutes(network: NodeNetwork): Outcome {
  const missing = [network.endpointsMissing, network.routesMissing].filter((reason) => reason !== null);
  const faults = network.routesMissing === null ? [...withoutRoute(network), ...sharedInterface(network)] : [];
  return conclude({
    faults,
    missing: [
      ...missing,
      ...(faults.length === 0 && foreign(network) ? ['pod interfaces in the manner of Calico: another CNI routes differently'] : []),
    ],
    otherwise: () =>
      ruledOut(
        `${network.endpoints.length} pod addresses, each with a route to an interface of its own`,
        network.endpoints.flatMap(({ route, name }) => (route === null ? [] : [{ at: route, says: `to ${name}` }])),
      ),
  });
}

/** Pods, but no interface of Calico's: bridges and other plugins need no host route. */
function foreign(network: NodeNetwork): boolean {
  return network.endpoints.length > 0 && network.workloadLinks.length === 0;
}

function withoutRoute(network: NodeNetwork): readonly Fault[] {
  if (foreign(network)) return [];
  return network.endpoints
    .filter((endpoint) => endpoint.route === null)
    .map((endpoint) => ({ subject: endpointText(endpoint), says: 'no route to it', at: endpoint.pod }));
}

function sharedInterface(network: NodeNetwork): readonly Fault[] {
  const byInterface = Map.groupBy(
    network.endpoints.filter(({ route }) => route?.interface?.startsWith('cali') === true),
    ({ route, address }) => `${route?.interface} ${address.family}`,
  );
  return [...byInterface.values()].flatMap((sharing) => {
    const [first, ...others] = sharing;
    return others
      .filter((other) => other.pod.uid !== first?.pod.uid)
      .map((other) => ({
        subject: endpointText(other),
        says: `its route leads to ${other.route?.interface}, the interface of ${first?.name}`,
        at: other.route,
      }));
  });
}
