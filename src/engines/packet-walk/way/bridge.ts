import type { Machine } from '../machine.ts';
import { lost } from './leg.ts';
import { gap } from './notes.ts';
import { inputQuery } from './route-query.ts';
import type { Next } from './stage.ts';

export function bridgeStage(machine: Machine): Next {
  const because = `the destination is behind ${machine.packet.inInterface} too: a bridged frame, not modelled`;
  return lost(machine, gap(machine, 'prerouting', because));
}

/** What a bridge does with a frame before the IP layer sees it; null: the packet goes to the IP layer as it is. */
export function bridgeArrival(machine: Machine): Next {
  const { packet, model } = machine;
  const { routing } = model;
  if (!routing.mayBridge(packet.inInterface)) return null;
  // A neighbour on the same bridge is sent to directly: the frame is routed only where the sender takes the node for its next hop.
  const answer = routing.lookup(inputQuery(packet));
  const bridged = answer.kind === 'route' && answer.route.type === 'unicast' && answer.route.interface === packet.inInterface;
  if (!bridged) return null;
  return 'bridge';
}
