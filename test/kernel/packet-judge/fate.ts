import type { Node } from './node.ts';
import type { Fate, PacketFate, ScenePacket } from './scene.ts';
import { inject, receive, send } from './system.ts';
import { addressBytes, decode, decodeBody, encode, mustParse, type Seen, type WirePacket } from './wire.ts';

interface Sighting {
  readonly at: 'tunA' | 'tunB' | 'local';
  readonly seen: Seen;
}

/** Sends a packet and, where it arrives, the reply of its receiver; a write runs the kernel's whole stack, so that there is nothing to wait for. */
export function fateOf(packet: ScenePacket, id: number, node: Node): PacketFate {
  sightings(node);
  const acknowledged = packet.tcpFlags === 0x12 ? id + 1 : packet.tcpFlags & 0x10 ? id : 0;
  const wire: WirePacket = { ...packet, from: mustParse(packet.from), to: mustParse(packet.to), id, acknowledged };
  launch(wire, packet.origin === 'host' ? null : node.tuns[packet.origin], node);
  const seen = sightings(node).filter((each) => each.seen.id === id);
  const arrived = seen.find((each) => isRequest(each, packet));
  if (arrived === undefined)
    return { request: { kind: seen.some((each) => each.seen.kind === 'refusal') ? 'rejected' : 'dropped' }, reply: null };
  return { request: delivered(arrived, packet), reply: replyFate(arrived, seen, wire, node) };
}

function launch(wire: WirePacket, tun: number | null, node: Node): void {
  const bytes = encode(wire);
  if (tun === null) send(node.senders[wire.from.family], bytes, wire.from.family, addressBytes(wire.to));
  else inject(tun, bytes);
}

function isRequest({ seen }: Sighting, packet: ScenePacket): boolean {
  if (seen.kind === 'refusal') return false;
  return packet.protocol === 6 ? seen.tcpFlags === packet.tcpFlags : packet.icmp === null || seen.icmpType === packet.icmp.type;
}

/** A raw IPv6 socket gives no destination: what it was stays open then (`to` is empty). */
function delivered({ at, seen }: Sighting, packet: ScenePacket): Fate {
  const hasPorts = packet.protocol === 6 || packet.protocol === 17;
  return {
    kind: 'delivered',
    at,
    from: seen.from,
    to: seen.to,
    fromPort: hasPorts ? seen.fromPort : 0,
    toPort: hasPorts ? seen.toPort : 0,
  };
}

function replyFate(arrived: Sighting, seen: readonly Sighting[], request: WirePacket, node: Node): Fate | null {
  const { protocol, tcpFlags } = request;
  const answers = protocol === 17 || (protocol === 6 && tcpFlags === 2) || request.icmp?.type === 8 || request.icmp?.type === 128;
  if (!answers) return null;
  const byKernel = arrived.at === 'local' && protocol !== 17;
  if (arrived.at === 'local' && !byKernel && arrived.seen.to === '') return null;
  const found = byKernel ? seen : sendReply(arrived, request, node);
  const reply = found.find(({ seen: each }) => each.kind === 'packet' && isReply(each, request));
  if (reply !== undefined) return delivered(reply, { ...request, from: '', to: '', origin: 'host' });
  return { kind: found.some((each) => each.seen.kind === 'refusal') ? 'rejected' : 'dropped' };
}

function isReply(seen: Seen, request: WirePacket): boolean {
  if (request.protocol === 6) return seen.tcpFlags === 0x12;
  if (request.icmp !== null) return seen.icmpType === (request.icmp.type === 8 ? 0 : 129);
  return true;
}

function sendReply({ at, seen }: Sighting, request: WirePacket, node: Node): readonly Sighting[] {
  const icmp = request.icmp === null ? null : { type: request.icmp.type === 8 ? 0 : 129, code: 0 };
  const reply: WirePacket = {
    from: mustParse(seen.to),
    to: mustParse(seen.from),
    protocol: request.protocol,
    fromPort: seen.toPort,
    toPort: seen.fromPort,
    tcpFlags: 0x12,
    id: request.id,
    acknowledged: request.id + 1,
    icmp,
  };
  launch(reply, at === 'local' ? null : node.tuns[at], node);
  return sightings(node).filter((each) => each.seen.id === request.id);
}

/** Everything that came out of the node or was accepted by it since the last look. */
function sightings({ tuns, receivers }: Node): readonly Sighting[] {
  const found: Sighting[] = [];
  for (const at of ['tunA', 'tunB'] as const) {
    for (let bytes = receive(tuns[at]); bytes !== null; bytes = receive(tuns[at])) note(found, at, decode(bytes));
  }
  for (const { fd, version, protocol } of receivers) {
    for (let bytes = receive(fd); bytes !== null; bytes = receive(fd))
      note(found, 'local', version === 'ip' ? decode(bytes) : decodeBody(bytes, protocol, '', ''));
  }
  return found;
}

function note(found: Sighting[], at: Sighting['at'], seen: Seen | null): void {
  if (seen !== null) found.push({ at, seen });
}
