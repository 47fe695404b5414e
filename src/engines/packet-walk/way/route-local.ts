import type { Route } from '#facts/network.ts';
import type { Machine } from '../machine.ts';
import { isLimitedBroadcast, isMulticast, isUnspecified } from '../routing/address-kinds.ts';
import type { ChainEnd } from '../verdict.ts';
import { nextHopOf, takeHop } from './next-hop.ts';
import { gap, noteKernel } from './notes.ts';
import { refusal } from './refusal.ts';
import { outputQuery } from './route-query.ts';
import { checkLoopbackSource } from './source-checks.ts';

/** Where the node itself sends a packet: `machine.routed` is the interface, `lo` for its own addresses. */
export function routeLocal(machine: Machine): ChainEnd {
  const { packet, program } = machine;
  const { address } = packet.destination;
  if (isMulticast(address) || isLimitedBroadcast(address) || isUnspecified(address))
    return gap(machine, 'output', 'multicast and broadcast that the node sends are not modelled');
  const query = outputQuery(packet, program !== null);
  const answer = machine.model.routing.lookup(query);
  const end = refusal(answer, 'output', machine);
  if (end !== null) return end;
  const route = (answer as { readonly route: Route }).route;
  // Of IPv6, anycast addresses of the node's own are its own (ip6_rt_get_dev_rcu).
  if (route.type === 'local' || (route.type === 'anycast' && packet.family === 'ip6')) return leave('lo', null, machine);
  if (route.type !== 'unicast') return gap(machine, 'output', `a ${route.type} route is not modelled`);
  const hop = nextHopOf(route, query, machine);
  if (typeof hop === 'string') return gap(machine, 'output', hop);
  if (hop.interface === null || hop.interface === 'lo') return gap(machine, 'output', 'a route by lo, or by no interface, is not modelled');
  return leave(hop.interface, hop, machine);
}

function leave(by: string, hop: Parameters<typeof takeHop>[0] | null, machine: Machine): ChainEnd {
  const loopback = checkLoopbackSource(machine, by);
  if (loopback !== null) return loopback;
  noteKernel(machine, 'output', `by ${by}`, 'route');
  takeHop(hop ?? { interface: by, gateway: null, weight: 1, flags: [] }, machine);
  return 'accept';
}
