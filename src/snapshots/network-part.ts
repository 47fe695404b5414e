import type { BridgeEntry, InterfaceAddress, Link, Neighbour, Route, RoutingRule } from '#facts/network.ts';
import { failed, ok, type Reading, type Result } from '#facts/result.ts';
import * as json from '#formats/ip-json.ts';
import type { InterfaceNames } from '#formats/netlink/rtnetlink/each-message.ts';
import * as netlink from '#formats/netlink/rtnetlink.ts';
import { topName } from './dump-names.ts';
import { dumpedRoutes, dumpedRoutingRules } from './dumped-routes.ts';
import { lazy } from './lazy.ts';
import { isPlainFolder } from './manifest.ts';
import type { Parts } from './parts.ts';
import { readingOf } from './rules-part.ts';
import { bytesOf, textOf } from './text.ts';
import { addressesFromText, linksFromText, neighboursFromText, routesFromText, routingRulesFromText } from './text-network.ts';

type FromText<T> = (text: string, source: string) => Result<readonly T[]>;
type FromBytes<T> = (bytes: Uint8Array, source: string, names: InterfaceNames) => Result<readonly T[]>;

interface Readers<T> {
  readonly json: FromText<T>;
  readonly netlink: FromBytes<T>;
  /** Null where no bundle of other tools has it. */
  readonly text: (parts: Parts) => Reading<readonly T[]> | null;
}

const links = { json: json.readLinks, netlink: netlink.readLinks, text: linksFromText };
const addresses = { json: json.readAddresses, netlink: netlink.readAddresses, text: addressesFromText };
const routes = { json: json.readRoutes, netlink: netlink.readRoutes, text: routesFromText };
const routingRules = { json: json.readRoutingRules, netlink: netlink.readRoutingRules, text: routingRulesFromText };
const neighbours = { json: json.readNeighbours, netlink: netlink.readNeighbours, text: neighboursFromText };

/**
 * Links, addresses, routes, rules and neighbours: as `ip -j` told them, whose lines can be cited, else as the kernel did, else as `ip` printed
 * them for people. All give the same values.
 */
export function networkReaders(parts: Parts): {
  links(): Reading<readonly Link[]>;
  addresses(): Reading<readonly InterfaceAddress[]>;
  routes(): Reading<readonly Route[]>;
  routingRules(): Reading<readonly RoutingRule[]>;
  neighbours(): Reading<readonly Neighbour[]>;
  bridgeEntries(): Reading<readonly BridgeEntry[]>;
} {
  // A node may give tables names that only its own `ip` knows: routes and the rules that look them up come from one source.
  const both = ['net/route.json', 'net/rule.json'].every((path) => findJson(parts, path) !== null);
  const fromKernel = !both && parts.files.has('netlink/route') && parts.files.has('netlink/rule');
  const preferred = (path: string): string | null => (fromKernel ? null : findJson(parts, path));
  const dumped = isPlainFolder(parts.manifest);
  const routesOf = lazy(() => {
    const path = preferred('net/route.json');
    if (path === null || !dumped) return read(parts, 'net/route.json', path, routes);
    return dumpedRoutes(parts, path, { addresses: addressesOf(), links: linksOf() });
  });
  const linksOf = () => read(parts, 'net/link.json', findJson(parts, 'net/link.json'), links);
  const addressesOf = () => read(parts, 'net/addr.json', findJson(parts, 'net/addr.json'), addresses);
  return {
    links: linksOf,
    addresses: addressesOf,
    routes: routesOf,
    routingRules: () => {
      const path = preferred('net/rule.json');
      return path !== null && dumped ? dumpedRoutingRules(parts, path, routesOf()) : read(parts, 'net/rule.json', path, routingRules);
    },
    neighbours: () => read(parts, 'net/neigh.json', findJson(parts, 'net/neigh.json'), neighbours),
    bridgeEntries: () => readRaw(parts, 'netlink/neigh', netlink.readBridgeEntries),
  };
}

/** In a plain folder dumps lie at the top. */
function findJson(parts: Parts, path: string): string | null {
  return parts.find(path, topName(path));
}

function read<T>(parts: Parts, path: string, found: string | null, readers: Readers<T>): Reading<readonly T[]> {
  if (found !== null) return readingOf(readers.json(textOf(parts.files, found), found), found);
  const raw = path.replace('net/', 'netlink/').replace('.json', '');
  if (parts.files.has(raw)) return readRaw(parts, raw, readers.netlink);
  return readers.text(parts) ?? parts.lacks(path);
}

function readRaw<T>(parts: Parts, raw: string, fromBytes: FromBytes<T>): Reading<readonly T[]> {
  if (!parts.files.has(raw)) return parts.lacks(raw);
  const names = namesOf(parts);
  return readingOf(names.ok ? fromBytes(bytesOf(parts.files, raw), raw, names.value) : names, raw);
}

/** Without names an interface would only be a number, and no rule that names one could be told from another. */
function namesOf(parts: Parts): Result<InterfaceNames> {
  const source = 'netlink/link';
  if (parts.files.has(source)) return netlink.readInterfaceNames(bytesOf(parts.files, source), source);
  const path = findJson(parts, 'net/link.json');
  if (path === null) return failed({ code: 'interface-names-missing', source, found: 'no such file', expected: 'the names of interfaces' });
  const links = json.readLinks(textOf(parts.files, path), path);
  return links.ok ? ok(new Map(links.value.map(({ index, name }) => [index, name]))) : links;
}
