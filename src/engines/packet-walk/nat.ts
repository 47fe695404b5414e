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

/** Of larger ranges not every choice is walked: undecided. */
const maxChoices = 64;

/** DCCP, whose ports kernels from 6.17 on do not know, and UDP-Lite, which not every kernel's conntrack knows (nf_nat_proto.c). */
export const oddPorts: ReadonlySet<number> = new Set([33, 136]);
const oddPortsBecause = 'whether nat rewrites ports of DCCP and UDP-Lite depends on the kernel';

/** Destinations are rewritten before routing, sources after it: the kernel refuses other hooks when the rule is loaded. */
export function bindDestination(machine: Machine, choice: NatChoice, effect: string): RuleVerdict {
  const { packet } = machine;
  const address = addressOf(machine, choice, packet.destination.address);
  if (address === null) return { kind: 'undecided', because: `${effect} to a range of more than ${maxChoices} addresses: a hash chooses` };
  const port = destinationPort(machine, choice, packet.destination.port);
  if (port === undefined)
    return { kind: 'undecided', because: `${effect} to a range of more than ${maxChoices} ports: the kernel chooses` };
  if (port !== packet.destination.port && oddPorts.has(packet.protocol)) return { kind: 'undecided', because: oddPortsBecause };
  const { connection } = packet;
  const end = { address, port };
  // Rewriting to what already is binds too, but leaves the connection without DNAT status.
  const same = sameEnd(end, packet.destination) && !drawsId(packet.protocol, choice);
  if (!same) {
    // What comes back on lo and has no connection before that loses its route with its destination (nf_nat_ipv4_pre_routing, nf_nat_ipv6_in).
    if (packet.inInterface === 'lo' && machine.routed === 'lo' && !sameAddress(address, packet.destination.address)) machine.routed = '';
    packet.destination = end;
  }
  const translated = same ? connection.translated : { ...connection.translated, destination: end };
  packet.connection = { ...connection, translated, destinationBound: true };
  machine.wrote(field.tuple);
  return { kind: 'bound', effect };
}

/** A port that the kernel draws stays open: null. */
export function bindSource(machine: Machine, choice: NatChoice, effect: string): RuleVerdict {
  const { packet } = machine;
  const address = addressOf(machine, choice, packet.source.address);
  if (address === null) return { kind: 'undecided', because: `${effect} to a range of more than ${maxChoices} addresses: a hash chooses` };
  const port = sourcePort(choice, packet.source.port);
  if (port !== packet.source.port && oddPorts.has(packet.protocol)) return { kind: 'undecided', because: oddPortsBecause };
  const { connection } = packet;
  const end: End = { address, port };
  const same = (port !== null || packet.source.port === null) && sameEnd(end, packet.source) && !drawsId(packet.protocol, choice);
  if (!same) packet.source = end;
  const translated = same ? connection.translated : { ...connection.translated, source: end };
  packet.connection = { ...connection, translated, sourceBound: true };
  machine.wrote(field.tuple);
  return { kind: 'bound', effect };
}

/** Of a ping the kernel draws the identifier where it would draw a port, which rewrites the connection, too (nf_nat_l4proto_unique_tuple). */
function drawsId(protocol: number, { randomPort }: NatChoice): boolean {
  return randomPort && (protocol === 1 || protocol === 58);
}

/** nf_nat_redirect.c: loopback for what the node sends, else the first address of the interface that it came in on. */
export function redirectAddress(machine: Machine): Address | 'none' | null {
  const { packet, model, hook } = machine;
  if (hook === 'output') return packet.family === 'ip' ? { family: 'ip', words: [0x7f000001] } : { family: 'ip6', words: [0, 0, 0, 1] };
  return model.routing.redirectAddress(packet.family, packet.inInterface);
}

/** nf_nat_masquerade.c: the address by which the node itself would send on this interface, of IPv4 to the route's next hop. */
export function sourceAddress({ packet, model, gateway }: Machine): Address | 'none' | null {
  const nextHop = packet.family === 'ip' && gateway?.family === 'ip' ? gateway : packet.destination.address;
  return model.routing.masqueradeAddress(packet.outInterface, nextHop);
}

/** Of a range any address: a hash with a secret seed chooses (find_best_ips_proto in nf_nat_core.c). */
function addressOf(machine: Machine, { first, last }: NatChoice, own: Address): Address | null {
  if (first === null || last === null) return own;
  if (sameAddress(first, last)) return first;
  const [low, high] = [first.words.at(-1) as number, last.words.at(-1) as number];
  const count = high - low + 1;
  const contiguous = first.words.slice(0, -1).every((word, i) => word === last.words[i]);
  if (!contiguous || count < 1 || count > maxChoices) return null;
  const answer = machine.ask({ key: null, probabilities: new Array<number>(count).fill(1 / count), gap: null });
  return { family: first.family, words: [...first.words.slice(0, -1), low + answer] };
}

/** A port that lies in the range stays unless it is to be random; else any of them (nf_nat_l4proto_unique_tuple). Undefined: too many. */
function destinationPort(machine: Machine, { ports, randomPort }: NatChoice, own: number | null): number | null | undefined {
  if (own === null || ports === null) return own;
  if (ports.first === ports.last) return ports.first;
  if (!randomPort && ports.first <= own && own <= ports.last) return own;
  const count = ports.last - ports.first + 1;
  if (count > maxChoices) return undefined;
  return ports.first + machine.ask({ key: null, probabilities: new Array<null>(count).fill(null), gap: null });
}

/** Null: the kernel draws it. */
function sourcePort({ ports, randomPort }: NatChoice, own: number | null): number | null {
  if (own === null || (ports === null && randomPort)) return null;
  if (ports === null) return own;
  if (ports.first === ports.last) return ports.first;
  return !randomPort && ports.first <= own && own <= ports.last ? own : null;
}

const sameEnd = (a: End, b: End): boolean => a.port === b.port && sameAddress(a.address, b.address);
