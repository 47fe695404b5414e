import { type Address, sameAddress } from '#facts/address.ts';
import type { PortRange } from '#facts/rule.ts';
import type { Machine } from './machine.ts';
import { field } from './op.ts';
import type { End } from './packet.ts';
import type { RuleVerdict } from './verdict.ts';

/** What a NAT rule lets the kernel choose from; null: the packet's own. */
export interface NatChoice {
  readonly first: Address | null;
  readonly last: Address | null;
  readonly ports: PortRange | null;
  /** The kernel draws a port, whatever the packet's own. */
  readonly randomPort: boolean;
}

/** Destinations are rewritten before routing, sources after it: the kernel refuses other hooks when the rule is loaded. */
export function bindDestination(machine: Machine, choice: NatChoice, effect: string): RuleVerdict {
  const { packet } = machine;
  const address = addressOf(choice, packet.destination.address);
  if (address === null) return { kind: 'undecided', because: 'DNAT to a range of addresses: a hash chooses' };
  const port = portOf(choice, packet.destination.port);
  if (port === undefined) return { kind: 'undecided', because: 'DNAT to a range of ports: the kernel chooses' };
  const { connection } = packet;
  const end = { address, port };
  // Rewriting to what already is binds too, but leaves the connection without DNAT status.
  const same = sameEnd(end, packet.destination);
  if (!same) packet.destination = end;
  const translated = same ? connection.translated : { ...connection.translated, destination: end };
  packet.connection = { ...connection, translated, destinationBound: true };
  machine.wrote(field.tuple);
  return { kind: 'bound', effect };
}

/** A port that the kernel draws stays open: null. */
export function bindSource(machine: Machine, choice: NatChoice, effect: string): RuleVerdict {
  const { packet } = machine;
  const address = addressOf(choice, packet.source.address);
  if (address === null) return { kind: 'undecided', because: 'SNAT to a range of addresses: a hash chooses' };
  const port = portOf(choice, packet.source.port);
  const { connection } = packet;
  const end: End = { address, port: port === undefined ? null : port };
  const same = port !== undefined && sameEnd(end, packet.source);
  if (!same) packet.source = end;
  const translated = same ? connection.translated : { ...connection.translated, source: end };
  packet.connection = { ...connection, translated, sourceBound: true };
  machine.wrote(field.tuple);
  return { kind: 'bound', effect };
}

/** nf_nat_redirect.c: loopback for what the node sends, else the first address of the interface that it came in on. */
export function redirectAddress(machine: Machine): Address | 'none' | null {
  const { packet, model, hook } = machine;
  if (hook === 'output') return packet.family === 'ip' ? { family: 'ip', words: [0x7f000001] } : { family: 'ip6', words: [0, 0, 0, 1] };
  return model.routing.masqueradeAddress(packet.family, packet.inInterface, packet.source.address);
}

/** nf_nat_masquerade.c: the address by which the node itself would send on this interface. */
export function sourceAddress({ packet, model }: Machine): Address | 'none' | null {
  return model.routing.masqueradeAddress(packet.family, packet.outInterface, packet.destination.address);
}

function addressOf({ first, last }: NatChoice, own: Address): Address | null {
  if (first === null || last === null) return own;
  return sameAddress(first, last) ? first : null;
}

/** Undefined where the kernel chooses. */
function portOf({ ports, randomPort }: NatChoice, own: number | null): number | null | undefined {
  if (own === null) return null;
  if (ports !== null) return ports.first === ports.last ? ports.first : undefined;
  return randomPort ? undefined : own;
}

const sameEnd = (a: End, b: End): boolean => a.port === b.port && sameAddress(a.address, b.address);
