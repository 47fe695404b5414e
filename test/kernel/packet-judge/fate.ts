import { isAnswer, requestOf, whoAnswers } from './experiment.ts';
import { macs } from './macs.ts';
import type { Node } from './node.ts';
import type { Fate, PacketFate, ScenePacket } from './scene.ts';
import { receive6, send } from './system/sockets.ts';
import { inject, receive } from './system/tun.ts';
import { addressText, decode, decodeBody, type Seen } from './wire/decode.ts';
import { addressBytes, encode, encodeFragments, hasPorts, mustParse, type WirePacket } from './wire/encode.ts';
import { frame, payloadOfFrame } from './wire/frames.ts';

export interface Sighting {
  readonly at: string;
  readonly seen: Seen;
}

/** Sends a packet and, where it arrives, the reply of its receiver; a write runs the kernel's whole stack, so that there is nothing to wait for. */
export function fateOf(packet: ScenePacket, id: number, traced: boolean, node: Node): PacketFate {
  sightings(node);
  if (packet.established) return establishedFate(packet, id, traced, node);
  if (traced) node.trace.read();
  const request = requestOf(packet, { id, traced });
  launch(request, packet, node);
  const seen = sightings(node).filter((each) => each.seen.id === id || isShort(each, packet));
  const trace = traced ? { trace: node.trace.read() } : {};
  const arrived = seen.find((each) => isRequest(each, packet));
  if (arrived === undefined) return { request: fragmentOffset(packet) > 0 ? { kind: 'dropped' } : lost(seen), reply: null, ...trace };
  return { request: delivered(arrived, packet), reply: replyFate(arrived, seen, { packet, request }, node), ...trace };
}

/** Of fragments the kernel refuses the first only, which is sent before a later one. */
const lost = (seen: readonly Sighting[]): Fate => ({ kind: seen.some((each) => each.seen.kind === 'refusal') ? 'rejected' : 'dropped' });

/** What starts at the node itself leaves by a raw socket; frames carry who sends and who is meant. */
function launch(
  wire: WirePacket,
  { origin, mark, toMac, fragment }: Pick<ScenePacket, 'origin' | 'mark' | 'toMac' | 'fragment'>,
  node: Node,
): void {
  const all = fragment === undefined ? [encode(wire)] : encodeFragments(wire, fragment === 'tiny' ? 8 : 24);
  for (const bytes of all) {
    if (origin === 'host') {
      const [source, destination] = [addressBytes(wire.from), addressBytes(wire.to)];
      send(node.senders[wire.from.family], { packet: bytes, version: wire.from.family, source, destination, mark: mark ?? 0 });
    } else if (origin === 'tapC' || origin === 'tapD') {
      const to = toMac ?? (node.tuns.tapD === undefined ? macs.tapC : macs.br0);
      inject(node.tuns[origin] as number, frame(to, origin === 'tapC' ? macs.behindC : macs.behindD, bytes));
    } else inject(node.tuns[origin] as number, bytes);
  }
}

/** What is cut short, and comes from a raw IPv6 socket, has nothing that tells an id: it came at once, so it is ours. */
const isShort = ({ at, seen }: Sighting, { cut, protocol }: ScenePacket): boolean =>
  cut !== undefined && at === 'local' && seen.id === null && seen.protocol === protocol;

function isRequest({ at, seen }: Sighting, packet: ScenePacket): boolean {
  if (seen.kind === 'refusal' || seen.protocol !== packet.protocol) return false;
  if (at !== 'local' && seen.fragmentOffset !== fragmentOffset(packet)) return false;
  if (seen.fragmentOffset > 0) return true;
  if (packet.cut !== undefined) return true;
  return packet.protocol === 6 ? seen.tcpFlags === packet.tcpFlags : packet.icmp === null || seen.icmpType === packet.icmp.type;
}

export function fragmentOffset({ fragment }: ScenePacket): number {
  return fragment === 'later' ? 24 : fragment === 'tiny' ? 8 : 0;
}

function delivered({ at, seen }: Sighting, { protocol }: Pick<ScenePacket, 'protocol'>): Fate {
  const ports = hasPorts(protocol) ? { fromPort: seen.fromPort, toPort: seen.toPort } : { fromPort: null, toPort: null };
  return { kind: 'delivered', at, from: seen.from, to: seen.to, ...ports };
}

interface Asked {
  readonly packet: ScenePacket;
  readonly request: WirePacket;
}

function replyFate(arrived: Sighting, seen: readonly Sighting[], { packet, request }: Asked, node: Node): Fate | null {
  const who = whoAnswers(packet, arrived.at);
  if (who === 'nobody' || (who === 'receiver' && arrived.seen.to === '')) return null;
  const found = who === 'kernel' ? seen : sendReply(arrived, request, node);
  const reply = found.find(({ seen: each }) => each.kind === 'packet' && isAnswer(each, packet));
  return reply === undefined ? lost(found) : delivered(reply, packet);
}

function sendReply({ at, seen }: Sighting, request: WirePacket, node: Node): readonly Sighting[] {
  const reply: WirePacket = {
    ...request,
    from: mustParse(seen.to),
    to: mustParse(seen.from),
    fromPort: seen.toPort ?? 0,
    toPort: seen.fromPort ?? 0,
    tcpFlags: 0x12,
    acknowledged: (request.id << 8) + 1,
    icmp:
      request.icmp === null ? null : { type: answerType(request.icmp.type), code: request.icmp.code, identifier: seen.icmpIdentifier ?? 0 },
    answer: true,
    traced: false,
    ttl: 64,
  };
  const origin = at === 'local' ? 'host' : (at as 'tunA');
  // Who is on the same bridge is answered directly.
  const toMac = node.tuns.tapD === undefined ? undefined : neighbourMacs.get(seen.from);
  launch(reply, { origin, ...(toMac !== undefined && { toMac }) }, node);
  return sightings(node).filter((each) => each.seen.id === request.id);
}

const neighbourMacs = new Map([
  ['10.4.0.5', macs.behindC],
  ['fd04::5', macs.behindC],
  ['10.4.0.6', macs.behindD],
  ['fd04::6', macs.behindD],
]);

const answerType = (type: number): number => (type === 128 ? 129 : type === 8 ? 0 : type + 1);

/** TCP: SYN, SYN-ACK and then the packet; UDP: a packet, its reply and then the packet. Moot where that never comes about unchanged. */
function establishedFate(packet: ScenePacket, id: number, traced: boolean, node: Node): PacketFate {
  const opening: ScenePacket = { ...packet, established: false, tcpFlags: packet.protocol === 6 ? 2 : 0 };
  const { request, reply } = fateOf(opening, id, false, node);
  const unchanged =
    request.kind === 'delivered' &&
    request.from === packet.from &&
    request.to === packet.to &&
    request.fromPort === packet.fromPort &&
    request.toPort === packet.toPort;
  const answered = reply?.kind === 'delivered' && reply.to === packet.from;
  // The node's own sequence numbers are not in the packet that the judge would send next.
  const isOwn = request.kind === 'delivered' && request.at === 'local' && packet.protocol === 6;
  if (!unchanged || !answered || isOwn) return { request, reply, moot: true };
  if (traced) node.trace.read();
  const wire: WirePacket = { ...requestOf(packet, { id, traced }), sequenceOffset: 1, acknowledged: (id << 8) + 1, padding: 4 };
  launch(wire, packet, node);
  const seen = sightings(node).filter((each) => each.seen.id === id);
  const arrived = seen.find((each) => isRequest(each, packet));
  return {
    request: arrived === undefined ? lost(seen) : delivered(arrived, packet),
    reply: null,
    ...(traced && { trace: node.trace.read() }),
  };
}

/** Everything that came out of the node or was accepted by it since the last look. */
function sightings(node: Node): readonly Sighting[] {
  const found: Sighting[] = [];
  for (const fd of node.readiness.ready()) {
    const receiver = node.receivers.get(fd);
    if (receiver === undefined) noteInterface(found, fd, node);
    else if (receiver.version === 'ip') drain(found, 'local', fd);
    else drain6(found, fd, receiver.protocol);
  }
  return found;
}

function noteInterface(found: Sighting[], fd: number, node: Node): void {
  const at = Object.keys(node.tuns).find((name) => node.tuns[name as 'tunA'] === fd) as string;
  drain(found, at, fd);
}

function drain(found: Sighting[], at: string, fd: number): void {
  for (let bytes = receive(fd); bytes !== null; bytes = receive(fd)) {
    const packet = at.startsWith('tap') ? payloadOfFrame(bytes) : bytes;
    const seen = packet === null ? null : decode(packet);
    if (seen !== null) found.push({ at, seen });
  }
}

function drain6(found: Sighting[], fd: number, protocol: number): void {
  for (let got = receive6(fd); got !== null; got = receive6(fd)) {
    const to = got.to === null ? '' : addressText(got.to);
    found.push({ at: 'local', seen: decodeBody(got.body, { id: null, protocol, from: addressText(got.from), to, fragmentOffset: 0 }) });
  }
}
