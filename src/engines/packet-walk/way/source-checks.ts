import type { Address } from '#facts/address.ts';
import type { Machine } from '../machine.ts';
import { isLimitedBroadcast, isLoopback, isMulticast, isUnspecified } from '../routing/address-kinds.ts';
import type { ChainEnd } from '../verdict.ts';
import { gap, noteKernel } from './notes.ts';

type Refused = Exclude<ChainEnd, 'accept'> | null;

function drop(machine: Machine, text: string): 'drop' {
  noteKernel(machine, 'prerouting', text, 'drop');
  return 'drop';
}

/** Sources, and destinations, that IPv6 does not let in at all, before any rule (ip6_rcv_core in net/ipv6/ip6_input.c). */
export function checkArrivalSource6(machine: Machine): Refused {
  const { source, inInterface, family } = machine.packet;
  if (family !== 'ip6') return null;
  if (isMulticast(source.address)) return drop(machine, 'a multicast source');
  return isLoopback(source.address) && inInterface !== 'lo' ? drop(machine, fromOutside) : null;
}

export function checkArrivalDestination6(machine: Machine): Refused {
  const { destination, inInterface, family } = machine.packet;
  return family === 'ip6' && isLoopback(destination.address) && inInterface !== 'lo' ? drop(machine, fromOutside) : null;
}

const fromOutside = 'a loopback address from outside';

/** Addresses of IPv4 that no route is looked up for (ip_route_input_slow in net/ipv4/route.c). */
export function checkMartians4(machine: Machine): Refused {
  const { source, destination } = machine.packet;
  if (isMulticast(source.address) || isLimitedBroadcast(source.address)) return drop(machine, 'a multicast or broadcast source');
  if (isLimitedBroadcast(destination.address) || isZero(source.address, destination.address)) return null;
  if (isUnspecified(source.address)) return drop(machine, 'the source 0.0.0.0');
  if (isUnspecified(destination.address)) return drop(machine, 'the destination 0.0.0.0');
  if (isLoopback(destination.address)) return checkLoopback(machine, 'a loopback destination from outside');
  return isLoopback(source.address) ? checkLoopback(machine, 'a loopback source from outside') : null;
}

/** 0.0.0.0 to 0.0.0.0 counts as a broadcast, as 255.255.255.255 does. */
export function isZero(source: Address, destination: Address): boolean {
  return source.words[0] === 0 && destination.words[0] === 0;
}

/** Loopback addresses from outside are martians unless route_localnet. */
function checkLoopback(machine: Machine, text: string): Refused {
  const { inInterface } = machine.packet;
  const allowed = machine.model.settings.greater('ipv4', inInterface, 'route_localnet');
  if (allowed === null) return gap(machine, 'prerouting', `route_localnet of ${inInterface} is not in the snapshot`);
  return allowed > 0 ? null : drop(machine, text);
}

/** A loopback source finds no route out of the node unless route_localnet (__mkroute_output in net/ipv4/route.c). IPv6 has no such check. */
export function checkLoopbackSource(machine: Machine, outInterface: string): Refused {
  const { packet, model } = machine;
  if (packet.family === 'ip6' || outInterface === 'lo' || !isLoopback(packet.source.address)) return null;
  const allowed = model.settings.greater('ipv4', outInterface, 'route_localnet');
  if (allowed === null) return gap(machine, 'output', `route_localnet of ${outInterface} is not in the snapshot`);
  if (allowed > 0) return null;
  noteKernel(machine, 'output', `a loopback source has no route by ${outInterface}`, 'drop');
  return 'drop';
}
