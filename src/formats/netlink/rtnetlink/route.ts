import { type Family, formatAddress, formatPrefix } from '#facts/address.ts';
import type { Route, RouteType } from '#facts/network.ts';
import { le32 } from '../attributes.ts';
import { addressOfBytes, familyOfNumber, prefixOfBytes } from './address.ts';
import { type InterfaceNames, nameOf, type RouteMessage, type Unreadable } from './each-message.ts';
import { gatewayOf } from './gateway.ts';
import { scopeName, tableName } from './names.ts';
import { flagNames, type RouteHop, readNextHops } from './next-hops.ts';

/** RTM_NEWROUTE with struct rtmsg. */
export const routeShape = { type: 24, header: 12 } as const;

/** RTA_... (include/uapi/linux/rtnetlink.h). */
const attribute = { destination: 1, from: 2, interface: 4, metric: 6, source: 7, multipath: 9, table: 15, encap: 22, nextHop: 30 };
/** RTM_F_CLONED: a cached exception, no route. */
const cloned = 0x200;
const unicast = 1;
/** RTPROT_KERNEL. */
const byKernel = 2;
/** RTN_... from 1. */
const types: readonly RouteType[] = [
  'other',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
];

export function readRouteMessage(message: RouteMessage, names: InterfaceNames): Route | Unreadable | null {
  const { header, attributes, at } = message;
  const family = familyOfNumber(header.getUint8(0));
  if (family === null || (header.getUint32(8, true) & cloned) !== 0) return null;
  const destination = prefixOfBytes(attributes.get(attribute.destination), header.getUint8(1), family);
  const hops = readNextHops(attributes.get(attribute.multipath), { family, names });
  if (destination === null || hops === null) return { unreadable: 'a route with an address block and next hops' };
  const [hop, ...others] = hops;
  const single = others.length === 0 ? hop : undefined;
  const scope = header.getUint8(6);
  const route: Omit<Route, 'text'> = {
    family,
    type: types[header.getUint8(7)] ?? 'other',
    destination,
    table: tableName(le32(attributes.get(attribute.table)) ?? header.getUint8(4)),
    interface: nameOf(le32(attributes.get(attribute.interface)), names) ?? commonDevice(hops),
    gateway: gatewayOf(attributes, family) ?? single?.gateway ?? null,
    source: addressOfBytes(attributes.get(attribute.source), family),
    scope: scope === 0 ? null : scopeName(scope),
    metric: le32(attributes.get(attribute.metric)) ?? 0,
    flags: [...flagNames(header.getUint32(8, true)), ...sharedFlags(hops), ...specials(message, hops)],
    multipath: others.length > 0,
    ...(others.length > 0 && { nextHops: hops.map(({ encap: _, ...each }) => each) }),
    ...selectorsOf(message, family),
    ...(header.getUint8(5) === byKernel && { byKernel: true }),
    at,
  };
  return { ...route, text: textOfRoute(route) };
}

function selectorsOf({ header, attributes }: RouteMessage, family: Family): Pick<Route, 'tos' | 'from'> {
  const tos = header.getUint8(3);
  const bits = header.getUint8(2);
  const from = bits === 0 ? null : prefixOfBytes(attributes.get(attribute.from), bits, family);
  return { ...(tos !== 0 && { tos }), ...(from !== null && { from }) };
}

function commonDevice(hops: readonly RouteHop[]): string | null {
  const first = hops[0]?.interface ?? null;
  return hops.every((hop) => hop.interface === first) ? first : null;
}

/** A route is dead when all of its hops are. */
function sharedFlags(hops: readonly RouteHop[]): readonly string[] {
  const [first, ...rest] = hops;
  return (first?.flags ?? []).filter((flag) => rest.every(({ flags }) => flags.includes(flag)));
}

/** Selectors and rewriting that `Route` has no field for: kept as flags, so that whoever decides by this route sees them. */
function specials({ header, attributes }: RouteMessage, hops: readonly RouteHop[]): readonly string[] {
  const encap = attributes.has(attribute.encap) || hops.some((hop) => hop.encap);
  // Without net.ipv4.nexthop_compat_mode the kernel names the nexthop object and not where it leads.
  const elsewhere =
    attributes.has(attribute.nextHop) && !attributes.has(attribute.interface) && hops.length === 0 && header.getUint8(7) === unicast;
  return [
    ...(encap ? ['encap'] : []),
    ...(header.getUint8(2) !== 0 ? ['from'] : []),
    ...(header.getUint8(3) !== 0 ? ['tos'] : []),
    ...(elsewhere ? ['nhid'] : []),
  ];
}

function textOfRoute({ type, destination, gateway, interface: device, table, metric, flags }: Omit<Route, 'text'>): string {
  const words = [
    type === 'unicast' ? '' : `${type} `,
    destination.bits === 0 ? 'default' : formatPrefix(destination),
    gateway === null ? '' : ` via ${formatAddress(gateway)}`,
    device === null ? '' : ` dev ${device}`,
    table === 'main' ? '' : ` table ${table}`,
    metric === 0 ? '' : ` metric ${metric}`,
    ...flags.map((flag) => ` ${flag}`),
  ];
  return words.join('');
}
