import { type Address, sameAddress } from '#facts/address.ts';
import type { Machine } from '../machine.ts';
import { isLimitedBroadcast, isLoopback, isMulticast, isUnspecified } from '../routing/address-kinds.ts';
import { hopsOf } from '../routing/choose-route.ts';

/** Before its route is looked up: siblings that may be routed otherwise than the machine's own packet go their own way. */
export function partAtRoute(machine: Machine): void {
  const { siblings, packet } = machine;
  const alike =
    machine.stage === 'route'
      ? siblings.filter(({ destination }) => isRoutedAlike(packet.destination.address, destination.address, machine))
      : [];
  if (alike.length === siblings.length) return;
  for (const sibling of siblings) if (!alike.includes(sibling)) machine.splitOff(sibling);
  machine.siblings = alike;
}

/** Both go on by one next hop, and nothing but the destination was looked at to find that; the source is then validated alike, too. */
function isRoutedAlike(a: Address, b: Address, { model: { routing } }: Machine): boolean {
  if (isSpecial(a) || isSpecial(b) || routing.hasPolicy) return false;
  const [one, other] = [routing.byDestination(a), routing.byDestination(b)];
  if (one === null || other === null || one.type !== 'unicast' || other.type !== 'unicast') return false;
  if (one === other) return hopsOf(one).length === 1;
  const [hop, another, ...rest] = [...hopsOf(one), ...hopsOf(other)];
  if (hop === undefined || another === undefined || rest.length > 0) return false;
  const sameGateway =
    hop.gateway === another.gateway || (hop.gateway !== null && another.gateway !== null && sameAddress(hop.gateway, another.gateway));
  return hop.interface === another.interface && sameGateway && hop.flags.length === 0 && another.flags.length === 0;
}

/** What the kernel asks about before it looks up a route. */
function isSpecial(address: Address): boolean {
  return address.family !== 'ip' || isMulticast(address) || isLimitedBroadcast(address) || isUnspecified(address) || isLoopback(address);
}
