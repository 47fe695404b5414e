import { conclude, type Fault, type Outcome, ruledOut } from './check.ts';
import { endpointText, type NodeNetwork } from './node-network.ts';

/** The interface that a pod's route names exists. */
export function podInterfacesExist(network: NodeNetwork): Outcome {
  const unknown = [network.endpointsMissing, network.routesMissing, network.linksMissing].filter((reason) => reason !== null);
  const unrouted = network.endpoints.filter((endpoint) => endpoint.route === null);
  const faults =
    network.linksMissing !== null
      ? []
      : network.endpoints.flatMap((endpoint): readonly Fault[] => {
          const name = endpoint.route?.interface ?? null;
          if (name === null || network.links.has(name)) return [];
          return [{ subject: endpointText(endpoint), says: `its interface ${name} does not exist`, at: endpoint.route }];
        });
  return conclude({
    faults,
    missing: [...unknown, ...unrouted.map((endpoint) => `the interface of ${endpointText(endpoint)}, which has no route`)],
    otherwise: () => ruledOut(`the interfaces of all ${network.endpoints.length} pod addresses exist`, linkLines(network)),
  });
}

/** Every workload interface is up, and its other end is there. */
export function podInterfacesUp(network: NodeNetwork): Outcome {
  return conclude({
    faults: network.workloadLinks
      .filter((link) => !link.up || !link.carrier)
      .map((link) => ({ subject: link.name, says: link.up ? 'has no carrier: the pod end is down or gone' : 'is down', at: link })),
    missing: network.linksMissing === null ? [] : [network.linksMissing],
    otherwise: () => ruledOut(`${network.workloadLinks.length} workload interfaces are up and have a carrier`, linkLines(network)),
  });
}

function linkLines(network: NodeNetwork) {
  return network.workloadLinks.map((link) => ({ at: link, says: `${link.name} is there` }));
}
