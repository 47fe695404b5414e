import type { Match, PortRange } from '#facts/rule.ts';
import { shared } from '../common-op.ts';
import type { Machine } from '../machine.ts';
import { type Code, fail, field, next, type Op, stop } from '../op.ts';
import { hasTransportHeader, type Packet, transportLength } from '../packet.ts';
import { drop } from '../verdict.ts';
import type { RuleContext } from './rule-context.ts';
import { drawnPort, isToldHere } from './told.ts';

const headerBytes: Readonly<Record<string, number>> = { tcp: 20, udp: 8, sctp: 12, dccp: 12, udplite: 8, icmp: 8, icmp6: 8, multiport: 4 };
const protocols: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132, dccp: 33, udplite: 136, icmp: 1, icmp6: 58 };

/**
 * A condition on the transport header by an xt match: a header that is cut off drops the packet right there (hotdrop), as does a TCP fragment at
 * offset 1, whatever the rule would do; other fragments do not match (xt_tcpudp.c, xt_multiport.c).
 */
function hotdropOp(module: string, holds: (machine: Machine) => boolean): Op {
  const bytes = headerBytes[module] ?? 4;
  const run = (machine: Machine): Code => {
    const { packet } = machine;
    if (packet.fragmentOffset > 0) {
      // ipv6_find_hdr gives the offset in bytes, so that 1 cannot be: IPv6 drops none.
      if (module !== 'tcp' || packet.family !== 'ip' || packet.fragmentOffset !== 8) return fail;
      machine.verdict = drop;
      return stop;
    }
    const length = transportLength(packet);
    if (length !== null && length < bytes) {
      machine.verdict = drop;
      return stop;
    }
    return holds(machine) ? next : fail;
  };
  return { run, asks: true, reads: field.tuple | field.length, markReads: 0, writes: false, isTest: true };
}

/**
 * iptables-nft compares the bytes itself: where they are not there the rule does not match (nft_payload.c). In a later fragment they are data that
 * nobody tells (nft_payload_fast_eval in nf_tables_core.c).
 */
function payloadOp(protocol: number | undefined, bytes: number, holds: (machine: Machine) => boolean): Op {
  const run = (machine: Machine): Code => {
    const { packet } = machine;
    if (packet.fragmentOffset > 0)
      return packet.protocol === protocol && isToldHere(machine, 'what a later fragment has where ports would be', 'fragment')
        ? next
        : fail;
    return hasTransportHeader(packet, bytes) && holds(machine) ? next : fail;
  };
  return { run, asks: true, reads: field.tuple | field.length, markReads: 0, writes: false, isTest: true };
}

type Module = Extract<Match, { readonly kind: 'transport-header' | 'ports' }>['module'];

/** A module of a transport protocol, and what it looks at in the header; alone it only looks whether the header is there. */
export function headerOp(module: Module, context: RuleContext, holds?: (machine: Machine) => boolean): Op {
  return holds === undefined
    ? shared(`header ${module} ${context.ports}`, () => newHeaderOp(module, context, () => true))
    : newHeaderOp(module, context, holds);
}

function newHeaderOp(module: Module, context: RuleContext, holds: (machine: Machine) => boolean): Op {
  const protocol = protocols[module];
  const fits = (machine: Machine): boolean => isProtocol(machine.packet, protocol, module) && holds(machine);
  const compiled = context.ports === 'payload' && (module === 'tcp' || module === 'udp');
  return compiled ? payloadOp(protocol, module === 'tcp' ? 14 : 4, fits) : hotdropOp(module, fits);
}

/** `-p` stands beside every such module; a rule of a listing that lacks it is held to the module's own protocol. */
function isProtocol(packet: Packet, protocol: number | undefined, module: string): boolean {
  if (module === 'icmp') return packet.protocol === 1 || packet.protocol === 58;
  return protocol === undefined || packet.protocol === protocol;
}

export function portsOp(match: Extract<Match, { readonly kind: 'ports' }>, context: RuleContext): Op {
  const [range] = match.ranges;
  if (match.ranges.length !== 1 || range === undefined) return newPortsOp(match, context);
  const key = `${match.module} ${match.side} ${range.first} ${range.last} ${match.negated} ${context.ports}`;
  return shared(key, () => newPortsOp(match, context));
}

function newPortsOp(match: Extract<Match, { readonly kind: 'ports' }>, context: RuleContext): Op {
  const holds = (machine: Machine): boolean => portsFit(match, machine);
  if (match.module === 'multiport') return hotdropOp('multiport', holds);
  const compiled = context.ports === 'payload' && (match.module === 'tcp' || match.module === 'udp');
  const protocol = protocols[match.module];
  const fits = (machine: Machine): boolean => machine.packet.protocol === protocol && portsFit(match, machine);
  return compiled ? payloadOp(protocol, match.side === 'source' ? 2 : 4, fits) : hotdropOp(match.module, fits);
}

type PortsMatch = Extract<Match, { readonly kind: 'ports' }>;

function portsFit(match: PortsMatch, machine: Machine): boolean {
  const { packet } = machine;
  const source = packet.source.port;
  const destination = packet.destination.port;
  if (source === null || destination === null) return fitsOpen(match, machine);
  const { side, ranges, negated } = match;
  const found =
    side === 'source'
      ? isIn(ranges, source)
      : side === 'destination'
        ? isIn(ranges, destination)
        : isIn(ranges, source) || isIn(ranges, destination);
  return found !== negated;
}

/** A protocol without ports, or a port that the kernel drew. */
function fitsOpen({ side, ranges, negated }: PortsMatch, machine: Machine): boolean {
  const { source, destination, protocol } = machine.packet;
  if (!withPorts.has(protocol)) return false;
  const ports = side === 'source' ? [source.port] : side === 'destination' ? [destination.port] : [source.port, destination.port];
  if (ports.some((port) => port !== null && isIn(ranges, port))) return !negated;
  if (!ports.includes(null)) return negated;
  return isToldHere(machine, drawnPort, 'port');
}

const withPorts: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

function isIn(ranges: readonly PortRange[], port: number): boolean {
  for (const { first, last } of ranges) if (first <= port && port <= last) return true;
  return false;
}
