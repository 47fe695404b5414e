import type { ChainEnd, Run } from './context.ts';
import { hasConnection, type PacketState, type TrackState } from './flow.ts';
import { gap, noteKernel, refusal, routeFor, runTables } from './kernel-steps.ts';
import { checkForwarding, checkLoopback, checkLoopbackSource, checkSource } from './routing-checks.ts';

/** What a packet passes on this node, and where it is then: `local`, or the interface that it leaves by. */
export type Passage = { readonly end: 'accept'; readonly interface: string } | { readonly end: Exclude<ChainEnd, 'accept'> };

const refused = (end: ChainEnd): Passage | null => (end === 'accept' ? null : { end });

/** Conntrack's own hook, after raw: what raw did not exclude gets its state. */
function track(packet: PacketState, state: TrackState): void {
  if (packet.tracked !== 'UNTRACKED') packet.tracked = state;
}

/**
 * A reply is rewritten back without looking at nat rules (nf_nat_packet): at the destination points what SNAT did, at the source
 * points what DNAT did.
 */
function reverse(packet: PacketState, point: 'destination' | 'source'): void {
  if (packet.direction !== 'REPLY' || !hasConnection(packet)) return;
  const { original, translated } = packet.connection;
  if (point === 'destination' && translated.source !== original.source) packet.destination = original.source;
  if (point === 'source' && translated.destination !== original.destination) packet.source = original.destination;
}

/** What takes a packet past the IP hooks of the route, or before they see it; null where nothing does. */
function besideHooks(packet: PacketState, run: Run): string | null {
  const { routing } = run.model;
  const { inInterface } = packet;
  if (routing.link(inInterface)?.xdp) return `an XDP program on ${inInterface} sees the packet first: not modelled`;
  if (!routing.mayBridge(inInterface)) return null;
  // A neighbour on the same bridge is sent to directly: the frame is routed only where the sender takes the node for its next hop.
  const answer = routing.lookup(routeFor(packet, inInterface));
  const bridged = answer.kind === 'route' && answer.route.type === 'unicast' && answer.route.interface === inInterface;
  return bridged ? `the destination is behind ${inInterface} too: a bridged frame, not modelled` : null;
}

/** A packet that comes in by an interface: PREROUTING, routing, then INPUT or FORWARD and POSTROUTING. */
export function passIn(packet: PacketState, state: TrackState, run: Run): Passage {
  const aside = besideHooks(packet, run);
  if (aside !== null) return { end: gap(run, 'prerouting', aside) };
  const raw = refused(runTables('prerouting', ['raw'], packet, run));
  if (raw !== null) return raw;
  track(packet, state);
  const before = refused(runTables('prerouting', ['mangle', 'nat'], packet, run));
  if (before !== null) return before;
  reverse(packet, 'destination');
  const martian = checkLoopback(packet, run) ?? checkSource(packet, run);
  if (martian !== null) return { end: martian };

  const answer = run.model.routing.lookup(routeFor(packet, packet.inInterface));
  const refusedRoute = refusal(answer, 'prerouting', run);
  if (refusedRoute !== null) return { end: refusedRoute };
  if (answer.kind !== 'route') return { end: gap(run, 'prerouting', 'no answer of the routing') };
  const { route } = answer;
  noteKernel(run, 'prerouting', route.type === 'local' ? 'the node itself' : `by ${route.interface}`, 'route');
  if (route.type === 'local' || route.type === 'broadcast') return passInput(packet, run);
  if (route.type !== 'unicast' || route.interface === null) return { end: gap(run, 'prerouting', `a ${route.type} route is not modelled`) };
  const forwarding = checkForwarding(packet, run);
  if (forwarding !== null) return { end: forwarding };
  packet.outInterface = route.interface;
  return refused(runTables('forward', ['mangle', 'filter', 'security'], packet, run)) ?? passOut(packet, run);
}

function passInput(packet: PacketState, run: Run): Passage {
  packet.outInterface = '';
  const { routing } = run.model;
  if (packet.direction === 'ORIGINAL' && packet.destination.port !== null && routing.hasIpvs)
    return { end: gap(run, 'input', 'there is kube-ipvs0: whether IPVS takes the packet is not modelled') };
  const tables =
    packet.inInterface === 'lo' ? (['mangle', 'filter', 'security'] as const) : (['mangle', 'filter', 'security', 'nat'] as const);
  const end = refused(runTables('input', tables, packet, run));
  if (end !== null) return end;
  reverse(packet, 'source');
  return { end: 'accept', interface: 'local' };
}

/** POSTROUTING, and the way back in for what goes to the node itself by `lo`. */
function passOut(packet: PacketState, run: Run): Passage {
  const outInterface = packet.outInterface;
  const end = refused(runTables('postrouting', ['mangle', 'nat'], packet, run));
  if (end !== null) return end;
  reverse(packet, 'source');
  if (outInterface !== 'lo') return { end: 'accept', interface: outInterface };
  // The same packet comes in on lo with its connection: nat's PREROUTING and INPUT never see it.
  packet.inInterface = 'lo';
  packet.outInterface = '';
  return refused(runTables('prerouting', ['raw', 'mangle'], packet, run)) ?? passInput(packet, run);
}

/**
 * A packet that the node itself sends: routing, OUTPUT, routing again where OUTPUT changed what routing looks at, POSTROUTING. All of OUTPUT
 * sees the interface of the first routing (nf_hook_state of __ip_local_out), also where nat or a mark has chosen another one since.
 */
export function passLocalOut(packet: PacketState, state: TrackState, run: Run): Passage {
  const first = routeLocal(packet, run);
  if (first.end !== 'accept') return first;
  packet.outInterface = first.interface;
  const raw = refused(runTables('output', ['raw'], packet, run));
  if (raw !== null) return raw;
  track(packet, state);
  const { mark } = packet;
  const mangle = refused(runTables('output', ['mangle'], packet, run));
  if (mangle !== null) return mangle;
  const marked = packet.mark === mark ? first : routeLocal(packet, run);
  if (marked.end !== 'accept') return marked;
  const { destination } = packet;
  const nat = refused(runTables('output', ['nat'], packet, run));
  if (nat !== null) return nat;
  reverse(packet, 'destination');
  const rerouted = packet.destination === destination ? marked : routeLocal(packet, run);
  if (rerouted.end !== 'accept') return rerouted;
  const last = refused(runTables('output', ['filter', 'security'], packet, run));
  if (last !== null) return last;
  packet.outInterface = rerouted.interface;
  return passOut(packet, run);
}

/** Where the node itself sends a packet: the interface, `lo` for its own addresses. */
function routeLocal(packet: PacketState, run: Run): Passage {
  const answer = run.model.routing.lookup(routeFor(packet, null));
  const end = refusal(answer, 'output', run);
  if (end !== null) return { end };
  if (answer.kind !== 'route') return { end: gap(run, 'output', 'no answer of the routing') };
  const { route } = answer;
  if (route.type !== 'local' && (route.type !== 'unicast' || route.interface === null))
    return { end: gap(run, 'output', `a ${route.type} route is not modelled`) };
  const leaves = route.type === 'local' ? 'lo' : (route.interface as string);
  const loopback = checkLoopbackSource(packet, leaves, run);
  if (loopback !== null) return { end: loopback };
  noteKernel(run, 'output', `by ${leaves}`, 'route');
  return { end: 'accept', interface: leaves };
}
