import type { Family } from '#facts/address.ts';
import type { InterfaceAddress, Link, Neighbour, Route, RoutingRule } from '#facts/network.ts';
import type { Result } from '#facts/result.ts';
import { readAddressesOfLink } from './ip-json/addresses.ts';
import { eachObject } from './ip-json/each-object.ts';
import { readLink } from './ip-json/link.ts';
import { readNeighbour } from './ip-json/neighbour.ts';
import { readRoute } from './ip-json/route.ts';
import { readRoutingRule } from './ip-json/routing-rule.ts';

/** `ip -j [-d] link` of iproute2. */
export function readLinks(text: string, source: string): Result<readonly Link[]> {
  return eachObject(text, source, (object, line) => readLink(object, { source, line }));
}

/** `ip -j [-d] addr`: one result per address, not per interface. */
export function readAddresses(text: string, source: string): Result<readonly InterfaceAddress[]> {
  return eachObject(text, source, (object, line) => readAddressesOfLink(object, { source, line }));
}

/**
 * `ip -j [-d] [-4|-6] route show table all`. iproute2 does not print the family; it is taken from an added `family` field
 * (`inet`, `inet6`), else from the addresses and from `pref`, which only IPv6 routes have, else it is `otherwise`.
 */
export function readRoutes(text: string, source: string, otherwise: Family = 'ip'): Result<readonly Route[]> {
  return eachObject(text, source, (object, line) => readRoute(object, { source, line }, otherwise));
}

/** `ip -j [-d] [-4|-6] rule`; the family as for routes (two families' rules can look the same). */
export function readRoutingRules(text: string, source: string, otherwise: Family = 'ip'): Result<readonly RoutingRule[]> {
  return eachObject(text, source, (object, line) => readRoutingRule(object, { source, line }, otherwise));
}

/** `ip -j neigh`. */
export function readNeighbours(text: string, source: string): Result<readonly Neighbour[]> {
  return eachObject(text, source, (object, line) => readNeighbour(object, { source, line }));
}
