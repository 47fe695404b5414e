import type { Family } from '#facts/address.ts';
import type { InterfaceAddress, Link, Neighbour, Route, RoutingRule } from '#facts/network.ts';
import type { Result } from '#facts/result.ts';
import { readAddressesOfLink } from './ip-json/addresses.ts';
import { readLink } from './ip-json/link.ts';
import { readNeighbour } from './ip-json/neighbour.ts';
import { readRoute } from './ip-json/route.ts';
import { readRoutingRule } from './ip-json/routing-rule.ts';
import { eachEntry } from './ip-text/each-line.ts';
import { readAddressLines, readInterfaces } from './ip-text/links.ts';
import { readNeighbourLines } from './ip-text/neighbours.ts';
import { readRouteLines } from './ip-text/routes.ts';
import { readRuleLines } from './ip-text/routing-rules.ts';

/** `ip [-d] [-s] link`, or `ip addr`, which shows the same lines. The kind of an interface is there with `-d` only. */
export function readLinksText(text: string, source: string): Result<readonly Link[]> {
  return eachEntry({ text, source }, readInterfaces, (object, line) => readLink(object, { source, line }));
}

/** `ip [-d] [-o] addr`. */
export function readAddressesText(text: string, source: string): Result<readonly InterfaceAddress[]> {
  return eachEntry({ text, source }, readAddressLines, (object, line) => readAddressesOfLink(object, { source, line }));
}

/** `ip [-d] [-4|-6] route show [table all]`; `otherwise` is the family of a `default` that nothing else tells. */
export function readRoutesText(text: string, source: string, otherwise: Family = 'ip'): Result<readonly Route[]> {
  return eachEntry({ text, source }, readRouteLines, (object, line) => readRoute(object, { source, line }, otherwise));
}

/** `ip [-4|-6] rule`. */
export function readRoutingRulesText(text: string, source: string, otherwise: Family = 'ip'): Result<readonly RoutingRule[]> {
  return eachEntry({ text, source }, readRuleLines, (object, line) => readRoutingRule(object, { source, line }, otherwise));
}

/** `ip [-s] neigh`. */
export function readNeighboursText(text: string, source: string): Result<readonly Neighbour[]> {
  return eachEntry({ text, source }, readNeighbourLines, (object, line) => readNeighbour(object, { source, line }));
}
