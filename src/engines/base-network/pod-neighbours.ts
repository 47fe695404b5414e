import { sameAddress } from '#facts/address.ts';
import { conclude, type Outcome, ruledOut } from './check.ts';
import { endpointText, type NodeNetwork } from './node-network.ts';

/** No pod failed to answer ARP or neighbour discovery. A pod without an entry has not been asked, which is no fault. */
export function podNeighbours(network: NodeNetwork): Outcome {
  const { neighbours } = network.snapshot;
  const entries =
    neighbours.kind === 'missing'
      ? []
      : network.endpoints.flatMap((endpoint) =>
          neighbours.value
            .filter(
              (entry) =>
                sameAddress(entry.address, endpoint.address) && (endpoint.route === null || entry.interface === endpoint.route.interface),
            )
            .map((entry) => ({ endpoint, entry })),
        );
  return conclude({
    faults: entries
      .filter(({ entry }) => entry.state.includes('FAILED') || entry.state.includes('INCOMPLETE'))
      .map(({ endpoint, entry }) => ({
        subject: endpointText(endpoint),
        says: `${entry.state.join(' ')} on ${entry.interface}`,
        at: entry,
      })),
    missing: [
      ...(neighbours.kind === 'missing' ? [`${neighbours.source}: ${neighbours.because}`] : []),
      ...(network.endpointsMissing === null ? [] : [network.endpointsMissing]),
    ],
    otherwise: () =>
      ruledOut(
        `${entries.length} of ${network.endpoints.length} pod addresses are in the neighbour table, none failed`,
        entries.map(({ endpoint, entry }) => ({ at: entry, says: `${endpoint.name} answered` })),
      ),
  });
}
