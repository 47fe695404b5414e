import type { Family } from '#facts/address.ts';
import type { InterfaceAddress, Link, Route, RoutingRule } from '#facts/network.ts';
import { missing, type Reading, read } from '#facts/result.ts';
import { readRoutes, readRoutingRules } from '#formats/ip-json.ts';
import type { Parts } from './parts.ts';
import { readingOf } from './rules-part.ts';
import { textOf } from './text.ts';
import { withUnknownFamilies } from './unknown-families.ts';

/**
 * Routes and routing rules of a folder of dumps, whose `ip -j` may have been asked for one family, or for the main table alone. IPv6 may lie in a file
 * of its own: two families' rules, and their default routes, can look the same.
 */

interface Interfaces {
  readonly addresses: Reading<readonly InterfaceAddress[]>;
  readonly links: Reading<readonly Link[]>;
}

/** With the routes of the table `local` that the kernel makes for the node's own addresses, where a dump leaves that table out. */
export function dumpedRoutes(parts: Parts, path: string, interfaces: Interfaces): Reading<readonly Route[]> {
  const routes = bothFamilies(parts, path, readRoutes);
  if (routes.kind === 'missing') return routes;
  const lacking = (['ip', 'ip6'] as const).filter((family) => {
    const own = routes.value.filter((route) => route.family === family);
    return own.length > 0 && own.every(({ table }) => table !== 'local');
  });
  if (lacking.length === 0) return routes;
  const { addresses, links } = interfaces;
  if (addresses.kind === 'missing' || links.kind === 'missing')
    return missing(routes.source, "it shows the main table only; 'ip -j route show table all' is needed");
  const up = new Set(links.value.filter((link) => link.up).map(({ name }) => name));
  const own = addresses.value.filter((each) => lacking.includes(each.address.family) && up.has(each.interface));
  return read([...routes.value, ...own.flatMap(localRoutes)], routes.source);
}

/** Rules of a family that was not dumped stand as one that nobody can decide: "no route" would be a guess. */
export function dumpedRoutingRules(parts: Parts, path: string, routes: Reading<readonly Route[]>): Reading<readonly RoutingRule[]> {
  const rules = bothFamilies(parts, path, readRoutingRules);
  return rules.kind === 'missing' ? rules : withUnknownFamilies(rules, (family) => isDumped(family, routes));
}

function isDumped(family: Family, routes: Reading<readonly Route[]>): boolean {
  return routes.kind === 'missing' || routes.value.some((route) => route.family === family);
}

type FromText<T> = (text: string, source: string, otherwise: Family) => Parameters<typeof readingOf<readonly T[]>>[0];

function bothFamilies<T>(parts: Parts, path: string, fromText: FromText<T>): Reading<readonly T[]> {
  const first = readingOf(fromText(textOf(parts.files, path), path, 'ip'), path);
  const second = path.replace(/\.json$/, '6.json');
  if (first.kind === 'missing' || !parts.files.has(second)) return first;
  const other = readingOf(fromText(textOf(parts.files, second), second, 'ip6'), second);
  return other.kind === 'missing' ? other : read([...first.value, ...other.value], path);
}

/** What fib_add_ifaddr and addrconf put into the table `local` for an address: the address itself and, of IPv4, what 127.0.0.1/8 and broadcasts add. */
function localRoutes({ interface: name, address, bits, broadcast, at }: InterfaceAddress): readonly Route[] {
  const full = address.family === 'ip' ? 32 : 128;
  const route = (type: Route['type'], words: readonly number[], length: number): Route => ({
    family: address.family,
    type,
    destination: { family: address.family, words, mask: maskOf(length, words.length), bits: length },
    table: 'local',
    interface: name,
    gateway: null,
    source: address.family === 'ip' ? address : null,
    scope: type === 'local' ? 'host' : 'link',
    metric: 0,
    flags: [],
    multipath: false,
    byKernel: true,
    at,
  });
  const block = maskOf(bits, address.words.length);
  const network = address.words.map((word, i) => (word & (block[i] as number)) >>> 0);
  const isLoopback = address.family === 'ip' && network[0] === 0x7f000000 && bits < full;
  return [
    route('local', address.words, full),
    ...(isLoopback ? [route('local', network, bits)] : []),
    ...(broadcast === null ? [] : [route('broadcast', broadcast.words, full)]),
  ];
}

function maskOf(bits: number, words: number): readonly number[] {
  return Array.from({ length: words }, (_, i) => {
    const own = Math.min(32, Math.max(0, bits - i * 32));
    return own === 0 ? 0 : (0xffffffff << (32 - own)) >>> 0;
  });
}
