import type { Address } from '#facts/address.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { ChainEnd, Run } from './context.ts';
import type { PacketState } from './flow.ts';
import { gap, noteKernel } from './kernel-steps.ts';

function sysctl(snapshot: Snapshot, name: string): number | null {
  const text = snapshot.sysctls.get(name)?.value.trim();
  return text === undefined || !/^\d+$/.test(text) ? null : Number(text);
}

type Refused = Exclude<ChainEnd, 'accept'> | null;

/** Whether the node forwards what comes in here. */
export function checkForwarding(packet: PacketState, run: Run): Refused {
  const { snapshot } = run.model;
  const value = packet.family === 'ip' ? forwards4(packet.inInterface, snapshot) : forwards6(packet.inInterface, snapshot);
  if (value === null) return gap(run, 'forward', `whether ${packet.inInterface} forwards is not in the snapshot`);
  if (value !== 0) return null;
  noteKernel(run, 'forward', `forwarding is off on ${packet.inInterface}`, 'drop');
  return 'drop';
}

/** The input interface's own switch counts (IN_DEV_FORWARD in net/ipv4/route.c). */
function forwards4(inInterface: string, snapshot: Snapshot): number | null {
  return sysctl(snapshot, `net.ipv4.conf.${inInterface}.forwarding`) ?? sysctl(snapshot, 'net.ipv4.ip_forward');
}

/** conf.all.forwarding counts, and from Linux 6.17 force_forwarding of the input interface (ip6_forward in net/ipv6/ip6_output.c). */
function forwards6(inInterface: string, snapshot: Snapshot): number | null {
  const all = sysctl(snapshot, 'net.ipv6.conf.all.forwarding');
  if (all !== 0) return all;
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(snapshot.kernel ?? '') ?? [];
  const older = major !== undefined && Number(major) * 1000 + Number(minor) < 6017;
  return sysctl(snapshot, `net.ipv6.conf.${inInterface}.force_forwarding`) ?? (older ? 0 : null);
}

/**
 * Source validation of IPv4 (fib_validate_source in net/ipv4/fib_frontend.c): a packet from one of the node's own addresses is a martian unless
 * accept_local, and rp_filter, the greater of `all` and the interface's own, wants a route back: 1 by the same interface, 2 by any, but by
 * the same where that has no IPv4 address.
 */
export function checkSource(packet: PacketState, run: Run): Refused {
  if (packet.family !== 'ip' || packet.inInterface === 'lo') return null;
  const { snapshot, routing } = run.model;
  const at = (name: string): number | null => {
    const all = sysctl(snapshot, `net.ipv4.conf.all.${name}`);
    const own = sysctl(snapshot, `net.ipv4.conf.${packet.inInterface}.${name}`);
    return all === null || own === null ? null : Math.max(all, own);
  };
  const validMark = at('src_valid_mark');
  if (validMark === null && packet.mark !== 0 && routing.looksAtMarks(packet.family))
    return gap(run, 'prerouting', `src_valid_mark of ${packet.inInterface} is not in the snapshot, and the packet has a mark`);
  const found = routing.lookup({
    destination: packet.source.address,
    source: packet.destination.address,
    inInterface: packet.inInterface,
    mark: validMark ? packet.mark : 0,
  });
  if (found.kind === 'missing') return gap(run, 'prerouting', found.because);
  const own = found.kind === 'route' && found.route.type === 'local' ? martian(at('accept_local'), packet, run) : null;
  if (own !== null) return own;
  const reachable = found.kind === 'route' && (found.route.type === 'unicast' || found.route.type === 'local');
  if (reachable && found.route.interface === packet.inInterface) return null;
  const filter = at('rp_filter');
  if (filter === 0) return null;
  const hasAddress = routing.hasAddress(packet.family, packet.inInterface);
  if (filter === 2 && reachable && hasAddress === null)
    return gap(
      run,
      'prerouting',
      `whether ${packet.inInterface} has an address is not in the snapshot, and the route back leaves elsewhere`,
    );
  if (filter === 2 && reachable && hasAddress) return null;
  if (filter === null)
    return gap(run, 'prerouting', `rp_filter of ${packet.inInterface} is not in the snapshot, and the route back leaves elsewhere`);
  noteKernel(run, 'prerouting', `rp_filter ${filter} of ${packet.inInterface}: the route back to the source leaves elsewhere`, 'drop');
  return 'drop';
}

function martian(acceptLocal: number | null, packet: PacketState, run: Run): Refused {
  if (acceptLocal === null) return gap(run, 'prerouting', `accept_local of ${packet.inInterface} is not in the snapshot`);
  if (acceptLocal > 0) return null;
  noteKernel(run, 'prerouting', "the source is one of the node's own addresses", 'drop');
  return 'drop';
}

/** A loopback destination from outside is a martian unless route_localnet (ip_route_input_slow in net/ipv4/route.c). */
export function checkLoopback(packet: PacketState, run: Run): Refused {
  if (packet.inInterface === 'lo' || !isLoopback(packet.destination.address)) return null;
  const own = sysctl(run.model.snapshot, `net.ipv4.conf.${packet.inInterface}.route_localnet`);
  const all = sysctl(run.model.snapshot, 'net.ipv4.conf.all.route_localnet');
  if (packet.family === 'ip6' || (own === 0 && all === 0)) {
    noteKernel(run, 'prerouting', 'a loopback destination from outside', 'drop');
    return 'drop';
  }
  return (own ?? 0) > 0 || (all ?? 0) > 0 ? null : gap(run, 'prerouting', `route_localnet of ${packet.inInterface} is not in the snapshot`);
}

/** A loopback source finds no route out of the node unless route_localnet (__mkroute_output in net/ipv4/route.c). IPv6 has no such check. */
export function checkLoopbackSource(packet: PacketState, outInterface: string, run: Run): Refused {
  if (packet.family === 'ip6' || outInterface === 'lo' || !isLoopback(packet.source.address)) return null;
  const values = [outInterface, 'all'].map((name) => sysctl(run.model.snapshot, `net.ipv4.conf.${name}.route_localnet`));
  if (values.some((value) => value !== null && value > 0)) return null;
  if (values.includes(null)) return gap(run, 'output', `route_localnet of ${outInterface} is not in the snapshot`);
  noteKernel(run, 'output', `a loopback source has no route by ${outInterface}`, 'drop');
  return 'drop';
}

function isLoopback({ family, words }: Address): boolean {
  return family === 'ip' ? (words[0] as number) >>> 24 === 127 : words.slice(0, 3).every((word) => word === 0) && words[3] === 1;
}
