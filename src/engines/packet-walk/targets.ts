import { type Address, sameAddress } from '#facts/address.ts';
import type { NatRange, Target } from '#facts/rule.ts';
import { type At, type ChainEnd, gapAt, type Run } from './context.ts';
import { type End, hasConnection, type PacketState } from './flow.ts';

type Applied = Exclude<Target, { readonly kind: 'accept' | 'drop' | 'return' | 'jump' | 'goto' | 'reject' | 'unmodelled' }>;

/** Targets that change the packet or its connection. Null: the next rule follows; NAT targets end the table. */
export function applyTarget(target: Applied, at: At, packet: PacketState, run: Run): ChainEnd | null {
  const { connection } = packet;
  switch (target.kind) {
    case 'continue':
      return null;
    case 'set-mark':
      packet.mark = marked(packet.mark, target.mask, target.value);
      return null;
    case 'set-connmark':
      if (hasConnection(packet) && connection.mark !== null) connection.mark = marked(connection.mark, target.mask, target.value);
      return null;
    case 'save-connmark':
      if (hasConnection(packet) && connection.mark !== null)
        connection.mark = marked(connection.mark, target.connectionMask, packet.mark & target.packetMask);
      return null;
    case 'restore-connmark':
      if (!hasConnection(packet)) return null;
      if (connection.mark === null) return undecided(at, run, 'the mark of a connection older than the snapshot');
      packet.mark = marked(packet.mark, target.packetMask, connection.mark & target.connectionMask);
      return null;
    case 'notrack':
      // Too late for a packet that has its connection, as one on its second way round by lo has (xt_ct_target in xt_CT.c).
      if (!hasConnection(packet)) packet.tracked = 'UNTRACKED';
      return null;
    case 'dnat':
      return rewriteDestination(target.to, at, packet, run);
    case 'redirect':
      return redirect(target.to, at, packet, run);
    case 'snat':
      return rewriteSource(target.to, at, packet, run);
    case 'masquerade':
      return masquerade(target.to, at, packet, run);
    default:
      return undecided(at, run, `target ${target.kind} is not modelled`);
  }
}

const marked = (mark: number, mask: number, value: number): number => ((mark & ~mask) ^ value) >>> 0;

function undecided(at: At, run: Run, because: string): ChainEnd {
  run.gaps.push(gapAt(at, because));
  return 'undecided';
}

/** One address, or the packet's own where the range has none. A range of addresses is spread by a hash: undecided. */
function addressIn(to: NatRange, own: Address): Address | null {
  if (to.first === null || to.last === null) return own;
  return sameAddress(to.first, to.last) ? to.first : null;
}

function rewriteDestination(to: NatRange, at: At, packet: PacketState, run: Run): ChainEnd {
  const address = addressIn(to, packet.destination.address);
  if (address === null) return undecided(at, run, 'DNAT to a range of addresses: a hash chooses');
  const port = portIn(to, packet.destination.port);
  if (port === undefined) return undecided(at, run, 'DNAT to a range of ports: the kernel chooses');
  bindDestination(packet, { address, port });
  return 'accept';
}

/** nf_nat_redirect.c: loopback for local packets, else the first address of the interface that it came in on. */
function redirect(to: NatRange, at: At, packet: PacketState, run: Run): ChainEnd {
  const loopback: Address = packet.family === 'ip' ? { family: 'ip', words: [0x7f000001] } : { family: 'ip6', words: [0, 0, 0, 1] };
  const address =
    at.hook === 'output' ? loopback : run.model.routing.masqueradeAddress(packet.family, packet.inInterface, packet.source.address);
  const port = portIn(to, packet.destination.port);
  if (address === null || port === undefined) return undecided(at, run, 'REDIRECT to an address or port that the snapshot does not tell');
  if (address === 'none') return 'drop';
  bindDestination(packet, { address, port });
  return 'accept';
}

function rewriteSource(to: NatRange, at: At, packet: PacketState, run: Run): ChainEnd {
  const address = addressIn(to, packet.source.address);
  if (address === null) return undecided(at, run, 'SNAT to a range of addresses: a hash chooses');
  const port = portIn(to, packet.source.port);
  bindSource(packet, { address, port: port === undefined ? null : port });
  return 'accept';
}

function masquerade(to: NatRange, at: At, packet: PacketState, run: Run): ChainEnd {
  const address = run.model.routing.masqueradeAddress(packet.family, packet.outInterface, packet.destination.address);
  if (address === null) return undecided(at, run, `MASQUERADE: which address of ${packet.outInterface} is taken is not known`);
  if (address === 'none') return 'drop';
  const port = portIn(to, packet.source.port);
  bindSource(packet, { address, port: port === undefined ? null : port });
  return 'accept';
}

/** Undefined where the kernel would choose from a range. A port that stays free stays as it is. */
function portIn(to: NatRange, own: number | null): number | null | undefined {
  if (to.ports === null || own === null) return own;
  return to.ports.first === to.ports.last ? to.ports.first : undefined;
}

/** Rewriting to what already is binds too, but leaves the connection without DNAT status. */
function bindDestination(packet: PacketState, end: End): void {
  packet.connection.destinationBound = true;
  if (sameEnd(end, packet.destination)) return;
  packet.destination = end;
  packet.connection.translated.destination = end;
}

function bindSource(packet: PacketState, end: End): void {
  packet.connection.sourceBound = true;
  if (sameEnd(end, packet.source)) return;
  packet.source = end;
  packet.connection.translated.source = end;
}

const sameEnd = (a: End, b: End): boolean => a.port === b.port && sameAddress(a.address, b.address);
