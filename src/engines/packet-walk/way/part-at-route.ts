import type { Address } from '#facts/address.ts';
import type { Route } from '#facts/network.ts';
import { sameGateway } from '../join.ts';
import type { Machine } from '../machine.ts';
import { isLimitedBroadcast, isLoopback, isMulticast, isUnspecified } from '../routing/address-kinds.ts';
import { hopsOf } from '../routing/choose-route.ts';
import type { RouteAnswer } from '../routing.ts';

/** Before its route is looked up: siblings that may be routed otherwise than the machine's own packet go their own way. */
export function partAtRoute(machine: Machine): void {
  const { siblings, packet, fork, stage } = machine;
  if (fork?.route != null && stage === 'route') return;
  const own = stage === 'route' ? plainAnswer(packet.destination.address, machine) : null;
  const alike = siblings.filter(({ destination }) => own !== null && isAlike(own.route, plainAnswer(destination.address, machine)));
  const isWhole = alike.length === siblings.length;
  if (fork !== null && stage === 'route') fork.route = isWhole ? own : null;
  if (isWhole) return;
  for (const sibling of siblings) if (!alike.includes(sibling)) machine.splitOff(sibling);
  machine.setSiblings(alike);
}

type Found = Extract<RouteAnswer, { readonly kind: 'route' }>;

/** The route where nothing but the destination was looked at to find it, by which the source is validated alike, too; null: there is more to it. */
function plainAnswer(destination: Address, { model: { routing } }: Machine): Found | null {
  if (isSpecial(destination) || routing.hasPolicy) return null;
  const answer = routing.byDestination(destination);
  return answer?.route.type === 'unicast' && hopsOf(answer.route).length === 1 ? answer : null;
}

/** By the same next hop. */
function isAlike(a: Route, found: Found | null): boolean {
  const b = found?.route;
  if (b === undefined || a === b) return a === b;
  const [hop] = hopsOf(a);
  const [other] = hopsOf(b);
  if (hop === undefined || other === undefined || hop.flags.length > 0 || other.flags.length > 0) return false;
  return hop.interface === other.interface && sameGateway(hop.gateway, other.gateway);
}

/** What the kernel asks about before it looks up a route. */
function isSpecial(address: Address): boolean {
  return address.family !== 'ip' || isMulticast(address) || isLimitedBroadcast(address) || isUnspecified(address) || isLoopback(address);
}
