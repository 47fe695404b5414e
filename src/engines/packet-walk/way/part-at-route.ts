import type { Address } from '#facts/address.ts';
import type { Route } from '#facts/network.ts';
import { sameGateway } from '../join.ts';
import type { Machine } from '../machine.ts';
import { isLimitedBroadcast, isLoopback, isMulticast, isUnspecified } from '../routing/address-kinds.ts';
import { hopsOf } from '../routing/choose-route.ts';

/** Before its route is looked up: siblings that may be routed otherwise than the machine's own packet go their own way. */
export function partAtRoute(machine: Machine): void {
  const { siblings, packet } = machine;
  const own = machine.stage === 'route' ? plainRoute(packet.destination.address, machine) : null;
  const alike = siblings.filter(({ destination }) => own !== null && isAlike(own, plainRoute(destination.address, machine)));
  if (alike.length === siblings.length) return;
  for (const sibling of siblings) if (!alike.includes(sibling)) machine.splitOff(sibling);
  machine.siblings = alike;
}

/** The route where nothing but the destination was looked at to find it, by which the source is validated alike, too; null: there is more to it. */
function plainRoute(destination: Address, { model: { routing } }: Machine): Route | null {
  if (isSpecial(destination) || routing.hasPolicy) return null;
  const route = routing.byDestination(destination);
  return route?.type === 'unicast' && hopsOf(route).length === 1 ? route : null;
}

/** By the same next hop. */
function isAlike(a: Route, b: Route | null): boolean {
  if (a === b || b === null) return b !== null;
  const [hop] = hopsOf(a);
  const [other] = hopsOf(b);
  if (hop === undefined || other === undefined || hop.flags.length > 0 || other.flags.length > 0) return false;
  return hop.interface === other.interface && sameGateway(hop.gateway, other.gateway);
}

/** What the kernel asks about before it looks up a route. */
function isSpecial(address: Address): boolean {
  return address.family !== 'ip' || isMulticast(address) || isLimitedBroadcast(address) || isUnspecified(address) || isLoopback(address);
}
