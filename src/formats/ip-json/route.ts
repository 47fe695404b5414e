import type { Family } from '#facts/address.ts';
import type { Place } from '#facts/evidence.ts';
import type { NextHop, Route, RouteType } from '#facts/network.ts';
import { type JsonObject, numberOf, objectOf, objectsOf, textOf, textsOf } from '../json-fields.ts';
import { type Unreadable, unreadable } from './each-object.ts';
import { addressOf, familyOf, prefixOf } from './family.ts';

const types = ['unicast', 'local', 'broadcast', 'multicast', 'anycast', 'blackhole', 'unreachable', 'prohibit', 'throw'] as const;

/** Selectors and rewriting that `Route` has no field for: kept as flags, so that whoever decides by this route sees them. */
const special = ['encap', 'from', 'tos'] as const;

export function readRoute(object: JsonObject, at: Place, otherwise: Family): Route | Unreadable {
  const dst = textOf(object['dst']);
  if (dst === null) return unreadable('a route with dst');
  const hops = objectsOf(object['nexthops']);
  const hop = hops.length === 1 ? { ...hops[0], ...object } : object;
  const gateway = addressOf(hop['gateway']) ?? addressOf(objectOf(hop['via'])['host']);
  const family = familyOf(object, [dst, object['prefsrc'], hop['gateway']], otherwise);
  const destination = prefixOf(dst, family);
  if (destination === null) return unreadable('an address block or default in dst');
  return {
    family,
    type: typeOf(object['type']),
    destination,
    table: tableOf(object['table']),
    interface: textOf(hop['dev']) ?? commonDevice(hops),
    gateway,
    source: addressOf(object['prefsrc']),
    scope: textOf(object['scope']),
    metric: numberOf(object['metric']) ?? 0,
    flags: [...textsOf(object['flags']), ...hopFlags(hops), ...specialFlags(hop, hops)],
    multipath: hops.length > 1,
    ...(hops.length > 1 && { nextHops: hops.map(nextHopOf) }),
    ...selectorsOf(object, family),
    ...(object['protocol'] === 'kernel' && { byKernel: true }),
    at,
  };
}

function specialFlags(hop: JsonObject, hops: readonly JsonObject[]): readonly string[] {
  const found = special.filter((key) => hop[key] !== undefined || hops.some((each) => each[key] !== undefined));
  // With net.ipv4.nexthop_compat_mode off, the kernel names the nexthop object and not where it leads.
  const elsewhere = hop['nhid'] !== undefined && hop['dev'] === undefined && hops.length === 0 && typeOf(hop['type']) === 'unicast';
  return elsewhere ? [...found, 'nhid'] : found;
}

function nextHopOf(hop: JsonObject): NextHop {
  return {
    interface: textOf(hop['dev']),
    gateway: addressOf(hop['gateway']) ?? addressOf(objectOf(hop['via'])['host']),
    weight: numberOf(hop['weight']) ?? 1,
    flags: textsOf(hop['flags']),
  };
}

/** Left out where it is not understood: the route's flag then still says that there is one. */
function selectorsOf(object: JsonObject, family: Family): Pick<Route, 'tos' | 'from'> {
  const tos = textOf(object['tos']);
  const from = textOf(object['from']);
  const source = from === null ? null : prefixOf(from, family);
  return {
    ...(tos !== null && /^0x[0-9a-f]{1,2}$/.test(tos) && { tos: Number(tos) }),
    ...(source !== null && { from: source }),
  };
}

function typeOf(value: unknown): RouteType {
  if (value === undefined) return 'unicast';
  return types.find((type) => type === value) ?? 'other';
}

/** `ip` prints a table's number where /etc/iproute2/rt_tables has no name for it. */
export function tableOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : (textOf(value) ?? 'main');
}

function commonDevice(hops: readonly JsonObject[]): string | null {
  const first = textOf(hops[0]?.['dev']);
  return hops.every((hop) => hop['dev'] === first) ? first : null;
}

/** Flags that all next hops share: a route is dead when all of its hops are. */
function hopFlags(hops: readonly JsonObject[]): readonly string[] {
  const [first, ...rest] = hops.map((hop) => textsOf(hop['flags']));
  return (first ?? []).filter((flag) => rest.every((flags) => flags.includes(flag)));
}
