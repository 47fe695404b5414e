import type { BridgeEntry, InterfaceAddress, Link, Neighbour, Route, RoutingRule } from '#facts/network.ts';
import { ok, type Result } from '#facts/result.ts';
import { textOfAttribute } from './attributes.ts';
import { readBridgeEntryMessage } from './rtnetlink/bridge-entry.ts';
import { eachRouteMessage, type InterfaceNames } from './rtnetlink/each-message.ts';
import { addressShape, readAddressMessage } from './rtnetlink/interface-address.ts';
import { linkShape, readLinkMessage } from './rtnetlink/link.ts';
import { neighbourShape, readNeighbourMessage } from './rtnetlink/neighbour.ts';
import { readRouteMessage, routeShape } from './rtnetlink/route.ts';
import { readRoutingRuleMessage, ruleShape } from './rtnetlink/routing-rule.ts';

const linkName = 3;

/** Interface names by index, from the dump of RTM_GETLINK: the other dumps name interfaces by index only. */
export function readInterfaceNames(bytes: Uint8Array, source: string): Result<InterfaceNames> {
  const links = eachRouteMessage<readonly [number, string]>(bytes, { source, shape: linkShape }, ({ header, attributes }) => {
    const name = textOfAttribute(attributes.get(linkName));
    return name === null ? { unreadable: 'an interface with a name' } : ([header.getInt32(4, true), name] as const);
  });
  return links.ok ? ok(new Map(links.value)) : links;
}

/** The same values as from `ip -j -d link`; `at.line` counts messages. */
export function readLinks(bytes: Uint8Array, source: string): Result<readonly Link[]> {
  const names = readInterfaceNames(bytes, source);
  if (!names.ok) return names;
  return eachRouteMessage(bytes, { source, shape: linkShape }, (message) => readLinkMessage(message, names.value));
}

/** The same values as from `ip -j addr`. */
export function readAddresses(bytes: Uint8Array, source: string, names: InterfaceNames): Result<readonly InterfaceAddress[]> {
  return eachRouteMessage(bytes, { source, shape: addressShape }, (message) => readAddressMessage(message, names));
}

/** The same values as from `ip -j -4|-6 route show table all`. */
export function readRoutes(bytes: Uint8Array, source: string, names: InterfaceNames): Result<readonly Route[]> {
  return eachRouteMessage(bytes, { source, shape: routeShape }, (message) => readRouteMessage(message, names));
}

/** The same values as from `ip -j -4|-6 rule`. */
export function readRoutingRules(bytes: Uint8Array, source: string): Result<readonly RoutingRule[]> {
  return eachRouteMessage(bytes, { source, shape: ruleShape }, readRoutingRuleMessage);
}

/** The same values as from `ip -j neigh`. */
export function readNeighbours(bytes: Uint8Array, source: string, names: InterfaceNames): Result<readonly Neighbour[]> {
  return eachRouteMessage(bytes, { source, shape: neighbourShape }, (message) => readNeighbourMessage(message, names));
}

/** The forwarding tables of bridges, which lie with the neighbours. */
export function readBridgeEntries(bytes: Uint8Array, source: string, names: InterfaceNames): Result<readonly BridgeEntry[]> {
  return eachRouteMessage(bytes, { source, shape: neighbourShape }, (message) => readBridgeEntryMessage(message, names));
}
