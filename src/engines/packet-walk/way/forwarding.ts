import { isSince } from '../kernel-release.ts';
import type { Machine } from '../machine.ts';
import { isLinkLocal, isLoopback, isUnspecified } from '../routing/address-kinds.ts';
import type { ChainEnd } from '../verdict.ts';
import { gap, noteKernel } from './notes.ts';

/** Whether the node forwards what comes in here: null, or how the packet ends. */
export function forwards(machine: Machine): Exclude<ChainEnd, 'accept'> | null {
  const { inInterface, family } = machine.packet;
  const value = family === 'ip' ? forwards4(machine, inInterface) : forwards6(machine, inInterface);
  if (value === null) return gap(machine, 'forward', `whether ${inInterface} forwards is not in the snapshot`);
  if (value !== 0) return family === 'ip6' ? checkForwardedSource6(machine) : null;
  noteKernel(machine, 'forward', `forwarding is off on ${inInterface}`, 'drop');
  return 'drop';
}

/** Sources that IPv6 sends no further, unless the packet leaves as it came (ip6_forward in net/ipv6/ip6_output.c). */
function checkForwardedSource6(machine: Machine): Exclude<ChainEnd, 'accept'> | null {
  const { address } = machine.packet.source;
  const isNobody = isUnspecified(address) || isLoopback(address);
  if (!isNobody && !isLinkLocal(address)) return null;
  if (machine.routed === machine.packet.inInterface) return null;
  if (isNobody) {
    noteKernel(machine, 'forward', 'a source that is not forwarded', 'drop');
    return 'drop';
  }
  noteKernel(machine, 'forward', 'a link-local source is not forwarded', 'reject');
  return 'reject';
}

/** The input interface's own switch counts (IN_DEV_FORWARD in net/ipv4/route.c). */
function forwards4({ model: { settings } }: Machine, inInterface: string): number | null {
  return settings.of('ipv4', inInterface, 'forwarding') ?? settings.at('net.ipv4.ip_forward');
}

/** conf.all.forwarding counts, and from Linux 6.17 force_forwarding of the input interface (ip6_forward in net/ipv6/ip6_output.c). */
function forwards6({ model: { settings, snapshot } }: Machine, inInterface: string): number | null {
  const all = settings.at('net.ipv6.conf.all.forwarding');
  if (all !== 0) return all;
  const older = isSince(snapshot.kernel, 6, 17) === false;
  return settings.of('ipv6', inInterface, 'force_forwarding') ?? (older ? 0 : null);
}
