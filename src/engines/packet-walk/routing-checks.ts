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

/** net.ipv4.conf.IF.forwarding, net.ipv6.conf.IF.forwarding: whether the node forwards what comes in here. */
export function checkForwarding(packet: PacketState, run: Run): Refused {
  const { snapshot } = run.model;
  const version = packet.family === 'ip' ? 'ipv4' : 'ipv6';
  const own = sysctl(snapshot, `net.${version}.conf.${packet.inInterface}.forwarding`);
  const value = own ?? (version === 'ipv4' ? sysctl(snapshot, 'net.ipv4.ip_forward') : sysctl(snapshot, 'net.ipv6.conf.all.forwarding'));
  if (value === null) return gap(run, 'forward', `net.${version} forwarding of ${packet.inInterface} is not in the snapshot`);
  if (value !== 0) return null;
  noteKernel(
    run,
    'forward',
    `forwarding is off on ${packet.inInterface}`,
    'drop',
    snapshot.sysctls.get(`net.${version}.conf.${packet.inInterface}.forwarding`)?.at,
  );
  return 'drop';
}

/**
 * Source validation of IPv4 (fib_validate_source in net/ipv4/fib_frontend.c): a packet from one of the node's own addresses is a martian unless
 * accept_local, and rp_filter, the greater of `all` and the interface's own, wants a route back: 1 by the same interface, 2 by any.
 */
export function checkSource(packet: PacketState, run: Run): Refused {
  if (packet.family !== 'ip' || packet.inInterface === 'lo') return null;
  const { snapshot, routing } = run.model;
  const at = (name: string): number | null => {
    const all = sysctl(snapshot, `net.ipv4.conf.all.${name}`);
    const own = sysctl(snapshot, `net.ipv4.conf.${packet.inInterface}.${name}`);
    return all === null || own === null ? null : Math.max(all, own);
  };
  const found = routing.lookup({
    destination: packet.source.address,
    source: packet.destination.address,
    inInterface: packet.inInterface,
    mark: at('src_valid_mark') ? packet.mark : 0,
  });
  if (found.kind === 'missing') return gap(run, 'prerouting', found.because);
  if (found.kind === 'route' && found.route.type === 'local') return martian(at('accept_local'), packet, run);
  const reachable = found.kind === 'route' && found.route.type === 'unicast';
  if (reachable && found.route.interface === packet.inInterface) return null;
  const filter = at('rp_filter');
  if (filter === 0 || (filter === 2 && reachable)) return null;
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
