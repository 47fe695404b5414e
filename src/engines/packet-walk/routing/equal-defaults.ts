import type { Route } from '#facts/network.ts';
import type { RouteQuery } from './route-query.ts';

/**
 * Whether a default route has others beside it, by other gateways, that are as good: what the node itself sends takes the first whose gateway answers, and
 * what is forwarded the first of all (fib_select_default in net/ipv4/fib_semantics.c, which only fib_select_path asks). Routes of a prefix in the
 * kernel's order.
 */
export function hasEqualDefault(chosen: Route, routes: readonly Route[], query: RouteQuery): boolean {
  // Asked last of all, and of routes that others stand beside: what else was looked at tells whether an answer is remembered.
  if (chosen.destination.bits !== 0 || routes.length === 1 || !hasGateway(chosen) || chosen.multipath || query.fromSocket !== true)
    return false;
  let { metric, tos } = chosen;
  for (const route of routes.slice(routes.indexOf(chosen) + 1)) {
    if (route.tos !== undefined && query.tos !== null && route.tos !== query.tos) continue;
    if (route.metric > metric && (route.tos ?? 0) === (tos ?? 0)) {
      if ((tos ?? 0) !== 0) continue;
      break;
    }
    if (route.flags.includes('dead')) continue;
    ({ metric, tos } = route);
    if (hasGateway(route)) return true;
  }
  return false;
}

/** The first next hop counts. */
function hasGateway({ type, gateway, nextHops }: Route): boolean {
  return type === 'unicast' && (nextHops === undefined ? gateway : (nextHops[0]?.gateway ?? null)) !== null;
}
