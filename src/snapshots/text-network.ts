import type { InterfaceAddress, Link, Neighbour, Route, RoutingRule } from '#facts/network.ts';
import { missing, type Reading, read } from '#facts/result.ts';
import { readAddressesText, readLinksText, readNeighboursText, readRoutesText, readRoutingRulesText } from '#formats/ip-text.ts';
import { type BundleName, locate } from './bundle-names.ts';
import type { Parts } from './parts.ts';
import { readingOf } from './rules-part.ts';
import { textOf } from './text.ts';
import { withUnknownFamilies } from './unknown-families.ts';

/** What `ip` printed as text, in bundles of other tools; null where there is no such file. */

export function linksFromText(parts: Parts): Reading<readonly Link[]> | null {
  // `ip addr` begins each interface with the same lines.
  const path = locate(parts.files, 'ip link') ?? locate(parts.files, 'ip addr');
  return path === null ? null : readingOf(readLinksText(textOf(parts.files, path), path), path);
}

export function addressesFromText(parts: Parts): Reading<readonly InterfaceAddress[]> | null {
  const path = locate(parts.files, 'ip addr');
  if (path !== null) return readingOf(readAddressesText(textOf(parts.files, path), path), path);
  return fromFamilies(parts, ['ip -4 addr', 'ip -6 addr'], (text, source) => readAddressesText(text, source));
}

export function neighboursFromText(parts: Parts): Reading<readonly Neighbour[]> | null {
  const path = locate(parts.files, 'ip neigh');
  return path === null ? null : readingOf(readNeighboursText(textOf(parts.files, path), path), path);
}

/** Without table `local` a node would not know its own addresses: such an output shows the main table only. */
export function routesFromText(parts: Parts): Reading<readonly Route[]> | null {
  const all = locate(parts.files, 'ip route');
  const names: readonly BundleName[] = all === null ? ['ip -4 route', 'ip -6 route'] : ['ip route', 'ip -6 route'];
  const routes = fromFamilies(parts, names, (text, source, family) => readRoutesText(text, source, family));
  if (routes === null || routes.kind === 'missing') return routes;
  const whole = routes.value.some(({ table }) => table === 'local');
  if (!whole) return missing(routes.source, "it shows the main table only; 'ip route show table all' is needed");
  return read(distinct(routes.value), routes.source);
}

/** `ip route show table all` has both families, and bundles may have the second once more. */
function distinct(routes: readonly Route[]): readonly Route[] {
  const seen = new Set<string>();
  return routes.filter(({ at: _, ...route }) => {
    const key = JSON.stringify(route);
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

/** Rules of IPv6 that a bundle lacks stand as one that nobody can decide: walks of IPv4 need not care. */
export function routingRulesFromText(parts: Parts): Reading<readonly RoutingRule[]> | null {
  const rules = fromFamilies(parts, ['ip -4 rule', 'ip -6 rule'], (text, source, family) => readRoutingRulesText(text, source, family));
  if (rules === null || rules.kind === 'missing') return rules;
  const routes = routesFromText(parts);
  return withUnknownFamilies(
    rules,
    (family) => routes?.kind !== 'read' || routes.value.some((route) => route.family === family && route.table === 'local'),
  );
}

type ReadText<T> = (text: string, source: string, family: 'ip' | 'ip6') => Parameters<typeof readingOf<readonly T[]>>[0];

/** What there is of both files, the second being IPv6; the first that cannot be read is why there is nothing. */
function fromFamilies<T>(parts: Parts, names: readonly BundleName[], readText: ReadText<T>): Reading<readonly T[]> | null {
  const found: T[] = [];
  const sources: string[] = [];
  for (const [i, name] of names.entries()) {
    const path = locate(parts.files, name);
    if (path === null) continue;
    const reading = readingOf(readText(textOf(parts.files, path), path, i === 0 ? 'ip' : 'ip6'), path);
    if (reading.kind === 'missing') return reading;
    found.push(...reading.value);
    sources.push(path);
  }
  const [source] = sources;
  return source === undefined ? null : read(found, source);
}
