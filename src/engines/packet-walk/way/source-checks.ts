import type { Address } from '#facts/address.ts';
import type { Machine } from '../machine.ts';
import type { ChainEnd } from '../verdict.ts';
import { gap, noteKernel } from './notes.ts';

type Refused = Exclude<ChainEnd, 'accept'> | null;

/**
 * Source validation of IPv4 (fib_validate_source in net/ipv4/fib_frontend.c): a packet from one of the node's own addresses is a martian unless
 * accept_local, and rp_filter, the greater of `all` and the interface's own, wants a route back: 1 by the same interface, 2 by any, but by
 * the same where that has no IPv4 address.
 */
export function checkSource(machine: Machine): Refused {
  const { packet, model } = machine;
  if (packet.family !== 'ip' || packet.inInterface === 'lo') return null;
  const { routing } = model;
  const at = (name: string): number | null => model.settings.greater('ipv4', packet.inInterface, name);
  const validMark = at('src_valid_mark');
  if (validMark === null && packet.mark !== 0 && routing.looksAtMarks(packet.family))
    return gap(machine, 'prerouting', `src_valid_mark of ${packet.inInterface} is not in the snapshot, and the packet has a mark`);
  const found = routing.lookup({
    destination: packet.source.address,
    source: packet.destination.address,
    inInterface: packet.inInterface,
    mark: validMark ? packet.mark : 0,
  });
  if (found.kind === 'missing') return gap(machine, 'prerouting', found.because);
  const own = found.kind === 'route' && found.route.type === 'local' ? martian(at('accept_local'), machine) : null;
  if (own !== null) return own;
  const reachable = found.kind === 'route' && (found.route.type === 'unicast' || found.route.type === 'local');
  if (reachable && found.route.interface === packet.inInterface) return null;
  return filtered(reachable, at('rp_filter'), machine);
}

function filtered(reachable: boolean, filter: number | null, machine: Machine): Refused {
  const { packet, model } = machine;
  const elsewhere = 'the route back leaves elsewhere';
  if (filter === 0) return null;
  if (filter === null) return gap(machine, 'prerouting', `rp_filter of ${packet.inInterface} is not in the snapshot, and ${elsewhere}`);
  if (filter === 2 && reachable) {
    const hasAddress = model.routing.hasAddress(packet.family, packet.inInterface);
    if (hasAddress === null)
      return gap(machine, 'prerouting', `whether ${packet.inInterface} has an address is not in the snapshot, and ${elsewhere}`);
    if (hasAddress) return null;
  }
  noteKernel(machine, 'prerouting', `rp_filter ${filter} of ${packet.inInterface}: the route back to the source leaves elsewhere`, 'drop');
  return 'drop';
}

function martian(acceptLocal: number | null, machine: Machine): Refused {
  if (acceptLocal === null) return gap(machine, 'prerouting', `accept_local of ${machine.packet.inInterface} is not in the snapshot`);
  if (acceptLocal > 0) return null;
  noteKernel(machine, 'prerouting', "the source is one of the node's own addresses", 'drop');
  return 'drop';
}

/** A loopback destination from outside is a martian unless route_localnet (ip_route_input_slow in net/ipv4/route.c). */
export function checkLoopback(machine: Machine): Refused {
  const { packet, model } = machine;
  if (!isLoopback(packet.destination.address) || packet.inInterface === 'lo') return null;
  const allowed = packet.family === 'ip6' ? 0 : model.settings.greater('ipv4', packet.inInterface, 'route_localnet');
  if (allowed === null) return gap(machine, 'prerouting', `route_localnet of ${packet.inInterface} is not in the snapshot`);
  if (allowed > 0) return null;
  noteKernel(machine, 'prerouting', 'a loopback destination from outside', 'drop');
  return 'drop';
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

function isLoopback({ family, words }: Address): boolean {
  return family === 'ip' ? (words[0] as number) >>> 24 === 127 : words[3] === 1 && words[0] === 0 && words[1] === 0 && words[2] === 0;
}
