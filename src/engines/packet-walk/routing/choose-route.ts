import { prefixContains } from '#facts/address.ts';
import type { NextHop, Route } from '#facts/network.ts';
import { hasEqualDefault } from './equal-defaults.ts';
import type { RouteQuery } from './route-query.ts';

/** ignore_routes_with_linkdown of an interface; null: not known. */
export type IgnoresLinkdown = (route: Route, interfaceName: string | null) => boolean | null;

/** The first of a prefix's routes that the kernel would take; null: none of them. A string: why nobody can tell. */
export function chooseRoute(routes: readonly Route[], query: RouteQuery, ignores: IgnoresLinkdown): Route | string | null {
  let best: Route | null = null;
  for (const route of routes) {
    if (best !== null && !isEqual(best, route, query)) break;
    const usable = isUsable(route, query, ignores);
    if (typeof usable === 'string') return usable;
    if (!usable) continue;
    if (query.destination.family === 'ip') return hasEqualDefault(route, routes, query) ? equalDefaults : route;
    if (query.byDevice) {
      if (usesInterface(route, query.outInterface ?? '')) return route;
      best ??= route;
    } else if (best === null) best = route;
    else {
      const chosen = preferredOf(best, route, query);
      if (typeof chosen === 'string') return chosen;
      best = chosen;
    }
  }
  return best;
}

const equalDefaults = 'several default routes of one metric: of what the node itself sends, which gateways answer decides';

/** What is still compared once a route is usable: of IPv6, routes of the same metric. */
function isEqual(a: Route, b: Route, { byDevice }: RouteQuery): boolean {
  return (a.from?.bits ?? 0) === (b.from?.bits ?? 0) && (byDevice === true || a.metric === b.metric);
}

/** Several routes of one prefix and metric that are no multipath: that by the interface asked for wins, else they take turns (rt6_select). */
function preferredOf(a: Route, b: Route, { outInterface, preferred: rather }: RouteQuery): Route | string {
  const wanted = outInterface ?? rather ?? null;
  if (wanted !== null && usesInterface(a, wanted) !== usesInterface(b, wanted)) return usesInterface(a, wanted) ? a : b;
  if (a.type !== 'unicast' && a.type === b.type && a.interface === b.interface) return a;
  return `several routes of the metric ${a.metric} lead to the destination, and the kernel takes turns`;
}

const onlyHops = new WeakMap<Route, readonly NextHop[]>();

export function hopsOf(route: Route): readonly NextHop[] {
  if (route.nextHops !== undefined) return route.nextHops;
  let hops = onlyHops.get(route);
  if (hops === undefined) {
    hops = [{ interface: route.interface, gateway: route.gateway, weight: 1, flags: route.flags }];
    onlyHops.set(route, hops);
  }
  return hops;
}

/** fib_info_nh_uses_dev in net/ipv4/fib_frontend.c: any of the next hops. */
export function usesInterface(route: Route, name: string): boolean {
  const hops = hopsOf(route);
  for (let i = 0; i < hops.length; i++) if (hops[i]?.interface === name) return true;
  return false;
}

/** fib_table_lookup in net/ipv4/fib_trie.c; find_match in net/ipv6/route.c. */
function isUsable(route: Route, query: RouteQuery, ignores: IgnoresLinkdown): boolean | string {
  const { flags } = route;
  const selected = selects(route, query);
  if (selected !== true) return selected;
  if (flags.includes('encap')) return "the route has 'encap', which is not modelled";
  if (flags.includes('nhid')) return "the route names a next hop that the snapshot does not have ('nhid')";
  if (!leadsAway(route)) return true;
  return anyHop(route, query, ignores);
}

/** Others refuse, whatever their next hop. */
function leadsAway({ type }: Route): boolean {
  return type !== 'blackhole' && type !== 'unreachable' && type !== 'prohibit' && type !== 'throw' && type !== 'other';
}

function selects({ flags, tos, from }: Route, query: RouteQuery): boolean | string {
  if (flags.includes('from') && from === undefined) return "the route has 'from', which is not understood";
  if (from !== undefined && (query.source === null || !prefixContains(from, query.source))) return false;
  if (query.destination.family === 'ip6' || !flags.includes('tos')) return true;
  if (tos === undefined) return query.tos === 0 || query.tos === undefined ? false : "the route has 'tos', which is not understood";
  return sameTos(tos, query.tos);
}

export const untoldTos = 'the type of service of a reply is for its sender to choose';

/** From Linux 6.12 on all six bits of the type of service count, before that those of RFC 1349 (IPTOS_RT_MASK). */
export function sameTos(wanted: number, own: number | null = 0): boolean | string {
  if (own === null) return untoldTos;
  const [now, before] = [wanted === (own & 0xfc), wanted === (own & 0x1c)];
  return now === before ? now : 'whether all bits of the type of service count depends on the kernel';
}

function anyHop(route: Route, query: RouteQuery, ignores: IgnoresLinkdown): boolean | string {
  if (route.flags.includes('dead')) return false;
  let open: string | null = null;
  for (const hop of hopsOf(route)) {
    const usable = isUsableHop(route, hop, query, ignores);
    if (usable === true) return true;
    if (typeof usable === 'string') open = usable;
  }
  return open ?? false;
}

/** Nothing can be said against it. */
export function isPlainHop({ flags }: NextHop, query: RouteQuery): boolean {
  return flags.length === 0 && query.outInterface == null && query.preferred == null;
}

export function isUsableHop(route: Route, hop: NextHop, query: RouteQuery, ignores: IgnoresLinkdown): boolean | string {
  if (hop.flags.includes('dead')) return false;
  if (hop.flags.includes('linkdown') && !query.ignoresLinkState) {
    const ignored = ignores(route, hop.interface);
    if (ignored === null) return `ignore_routes_with_linkdown of ${hop.interface} is not in the snapshot, and its link is down`;
    if (ignored) return false;
  }
  if (query.byDevice || (query.destination.family === 'ip6' && !query.strict)) return true;
  const wanted = query.outInterface ?? query.preferred ?? null;
  return wanted === null || hop.interface === wanted;
}
