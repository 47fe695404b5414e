import { type Address, sameAddress } from '#facts/address.ts';
import type { Frame } from '../frame.ts';
import type { Machine } from '../machine.ts';
import { evenUnknown } from '../question.ts';
import { runHook } from '../run-hook.ts';
import { unknownPort } from './bridges.ts';
import { routeStage } from './input-route.ts';
import { arrived, lost } from './leg.ts';
import { gap, noteKernel } from './notes.ts';
import { inputQuery } from './route-query.ts';
import type { Next } from './stage.ts';

/**
 * What a bridge does with a frame before the IP layer sees it; null: no bridge has a say. Where br_netfilter is called, PREROUTING of IP runs first, as if
 * the bridge itself were the interface, and not again for frames that the node keeps (net/bridge/br_netfilter_hooks.c).
 */
export function bridgeArrival(machine: Machine): { readonly next: Next } | null {
  const { packet, model } = machine;
  const { bridges } = model;
  const ofPort = bridges.bridgeOf(packet.inInterface);
  if (ofPort === null && !bridges.isBridge(packet.inInterface)) return mayBeBridged(machine);
  const bridge = ofPort ?? packet.inInterface;
  const frame = frameOf(machine, bridge, ofPort === null ? null : packet.inInterface);
  if (typeof frame === 'string') return { next: lost(machine, gap(machine, 'prerouting', frame)) };
  if (!model.routing.link(bridge)?.up) return { next: drop(machine, `the bridge ${bridge} is down`) };
  packet.inInterface = bridge;
  machine.frame = frame;
  if (!frame.callsIp) return frame.to === 'node' ? null : { next: 'bridge' };
  packet.inPort = frame.port;
  return { next: 'prerouting' };
}

function frameOf(machine: Machine, bridge: string, port: string | null): Frame | string {
  const { packet, model } = machine;
  const name = packet.family === 'ip' ? 'iptables' : 'ip6tables';
  // Without the module there is no such setting, and nobody calls.
  const callsIp = model.settings.at(`net.bridge.bridge-nf-call-${name}`) === 1;
  const own = port ?? model.bridges.portOf(bridge, packet.source.address) ?? unknownPort;
  const to = targetOf(machine, bridge, port);
  if (typeof to === 'string' && to !== 'node') return to;
  return { bridge, port: own, callsIp, source: packet.source.address, destination: packet.destination.address, to };
}

/** Whom the frame is for. A string other than `node`: why that is not known. */
function targetOf(machine: Machine, bridge: string, port: string | null): Frame['to'] | string {
  const { packet, model, askedBy } = machine;
  const mac = packet.macDestination;
  if (mac !== null && isGroup(mac)) return 'frames to many are not modelled';
  if (mac !== null) return model.bridges.isOwn(bridge, mac) ? 'node' : { port: model.bridges.portOfMac(bridge, mac) ?? unknownPort };
  // Where nothing is said of the frame, a request by a port is for the node; others go as their sender finds its neighbours.
  if (packet.leg === 'request' && port !== null) return 'node';
  const { address } = packet.destination;
  const isAsker = packet.leg === 'reply' && askedBy?.bridge === bridge && sameAddress(askedBy.source, address);
  if (isAsker) return { port: askedBy.port };
  return isNeighbour(machine, bridge) ? { port: model.bridges.portOf(bridge, address) ?? unknownPort } : 'node';
}

const isGroup = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;

/** Who is on the same bridge is sent to directly, and not by way of the node. */
function isNeighbour({ packet, model }: Machine, bridge: string): boolean {
  const answer = model.routing.lookup(inputQuery(packet, bridge));
  return answer.kind === 'route' && answer.route.type === 'unicast' && answer.route.interface === bridge && answer.route.gateway === null;
}

/** Where nobody knows which interfaces are bridges, a destination behind the same one makes the difference. */
function mayBeBridged(machine: Machine): ReturnType<typeof bridgeArrival> {
  const { packet, model } = machine;
  if (!model.routing.mayBridge(packet.inInterface) || !isNeighbour(machine, packet.inInterface)) return null;
  return { next: lost(machine, gap(machine, 'prerouting', `the destination is behind ${packet.inInterface} too, which may be a bridge`)) };
}

/** After PREROUTING, or without it: the frame is the node's, or another's (br_nf_pre_routing_finish, br_handle_frame_finish). */
export function bridgeStage(machine: Machine): Next {
  const { packet, frame } = machine;
  if (frame === null) throw new Error('a bridge without a frame');
  if (!sameAddress(frame.destination, packet.destination.address)) return rewritten(machine, frame);
  if (frame.to === 'node') return 'route';
  return toPort(machine, frame, frame.to.port);
}

/** A frame with another destination now is routed, and where that is on the same bridge, bridged to there. */
function rewritten(machine: Machine, frame: Frame): Next {
  if (hasNoRoute6(machine)) return drop(machine, 'a rewritten frame without a route');
  const next = routeStage(machine);
  if (next !== 'forward' || machine.routed !== frame.bridge) return next;
  const to: Address = machine.gateway ?? machine.packet.destination.address;
  return toPort(machine, frame, machine.model.bridges.portOf(frame.bridge, to) ?? unknownPort);
}

/** Of IPv6 nothing answers there (br_nf_pre_routing_finish_ipv6). */
function hasNoRoute6({ packet, model }: Machine): boolean {
  if (packet.family === 'ip') return false;
  const answer = model.routing.lookup(inputQuery(packet));
  return answer.kind === 'none' || (answer.kind === 'route' && ['unreachable', 'prohibit', 'blackhole'].includes(answer.route.type));
}

function toPort(machine: Machine, frame: Frame, known: string): Next {
  const port = known === unknownPort ? anyPort(machine, frame) : known;
  if (port === null) return lost(machine, gap(machine, 'forward', `no other port of ${frame.bridge} is in the snapshot`));
  if (port === frame.port)
    return lost(machine, gap(machine, 'forward', `whether ${port} sends back what came in by it (hairpin) is not in a snapshot`));
  noteKernel(machine, 'forward', `bridged by ${port}`, 'bridge');
  machine.gateway = null;
  machine.routed = port;
  if (!frame.callsIp) return arrived(machine, port);
  machine.packet.outInterface = frame.bridge;
  machine.packet.outPort = port;
  return 'bridged-forward';
}

/** Behind one of the others: which, nobody knows. */
function anyPort(machine: Machine, { bridge, port, destination }: Frame): string | null {
  const others = machine.model.bridges.portsOf(bridge).filter((each) => each !== port);
  if (others.length <= 1) return others[0] ?? null;
  const key = `${machine.packet.leg} port of ${bridge} ${destination.words.join('.')}`;
  const probabilities = others.length === 2 ? evenUnknown : others.map(() => null);
  return others[machine.ask({ key, probabilities, gap: null })] ?? null;
}

function drop(machine: Machine, text: string): null {
  noteKernel(machine, 'prerouting', text, 'drop');
  return lost(machine, 'drop');
}

/** br_nf_forward_ip: FORWARD with the bridge on both sides. Nothing is less by one. */
export function bridgedForwardStage(machine: Machine): Next {
  const end = runHook(machine.model.hooks.program(machine.packet.family, 'forward'), machine);
  if (end !== 'accept') return lost(machine, end);
  // br_nf_post_routing names no input interface.
  machine.packet.inInterface = '';
  return 'bridged-postrouting';
}

export function bridgedPostroutingStage(machine: Machine): Next {
  const end = runHook(machine.model.hooks.program(machine.packet.family, 'postrouting'), machine);
  return end === 'accept' ? arrived(machine, machine.routed) : lost(machine, end);
}
