import type { NextHop, Route } from '#facts/network.ts';
import type { Machine } from '../machine.ts';
import type { RouteQuery } from '../routing.ts';

/**
 * The next hop of a route for this packet. Of several a hash of the addresses with a secret seed chooses (fib_select_multipath, fib6_select_path),
 * each as often as its weight says. A string: why nobody can tell.
 */
export function nextHopOf(route: Route, query: RouteQuery, machine: Machine): NextHop | string {
  const hops = machine.model.routing.usableHops(route, query);
  if (typeof hops === 'string') return hops;
  const [first, ...others] = hops;
  if (first === undefined) return 'none of the next hops of the route can be used';
  if (others.length === 0) return first;
  const total = hops.reduce((sum, { weight }) => sum + weight, 0);
  const ends = [query.source, query.destination].map((address) => address?.words.join('.'));
  const key = `${machine.packet.leg} next hop ${route.at.source}:${route.at.line} ${ends.join(' ')}`;
  // With fib_multipath_use_neigh hops whose neighbour is not known to be there are left out.
  const exact = route.family === 'ip6' || machine.model.settings.at('net.ipv4.fib_multipath_use_neigh') === 0;
  const probabilities = hops.map(({ weight }) => (exact ? weight / total : null));
  return hops[machine.ask({ key, probabilities, gap: null })] as NextHop;
}

/** The machine's packet will leave by this. */
export function takeHop(hop: NextHop, machine: Machine): void {
  machine.routed = hop.interface ?? '';
  machine.gateway = hop.gateway;
}
