import { type Address, prefixContains } from '#facts/address.ts';
import type { Match, PortRange, Rule } from '#facts/rule.ts';
import { type At, gapAt, type Run } from './context.ts';
import { hasConnection, type PacketState } from './flow.ts';

/** `asked` carries the probability of a match that chance or state decides; `unknown` says why nobody can tell. */
export type Answer = boolean | { readonly asked: number | null } | { readonly unknown: string };

const inRange = (value: number, { first, last }: PortRange): boolean => first <= value && value <= last;

/** Whether the packet meets a rule's conditions; open questions are asked of the run. */
export function ruleMatches(packet: PacketState, at: At, run: Run): boolean {
  for (const [index, match] of at.rule.matches.entries()) {
    const answer = evaluate(match, packet, at.rule, run);
    if (typeof answer === 'boolean' ? !answer : !resolve(answer, index, packet, at, run)) return false;
  }
  return true;
}

function resolve(answer: Exclude<Answer, boolean>, index: number, packet: PacketState, at: At, run: Run): boolean {
  const key = `${packet.leg} ${at.hook} ${at.base.source}:${at.rule.line}:${index}`;
  if ('unknown' in answer) return run.choices.ask({ key, probabilities: [null, null], gap: gapAt(at, answer.unknown) }) === 0;
  const share = answer.asked;
  return run.choices.ask({ key, probabilities: share === null ? [null, null] : [share, 1 - share], gap: null }) === 0;
}

function evaluate(match: Match, packet: PacketState, rule: Rule, run: Run): Answer {
  switch (match.kind) {
    case 'source':
      return prefixContains(match.prefix, packet.source.address) !== match.negated;
    case 'destination':
      return prefixContains(match.prefix, packet.destination.address) !== match.negated;
    case 'in-interface':
      return interfaceFits(packet.inInterface, match) !== match.negated;
    case 'out-interface':
      return interfaceFits(packet.outInterface, match) !== match.negated;
    case 'protocol':
      return (packet.protocol === match.number) !== match.negated;
    case 'fragment':
      return match.negated;
    case 'ports':
      return portsFit(match, packet);
    case 'transport-header':
    case 'comment':
    case 'accounting':
      return true;
    case 'tcp-flags':
      return (packet.protocol === 6 && (packet.tcpFlags & match.mask) === match.set) !== match.negated;
    case 'icmp-type':
      return icmpFits(match, packet) !== match.negated;
    case 'conntrack-state':
      return stateFits(match.states, packet) !== match.negated;
    case 'conntrack-address':
    case 'conntrack-port':
    case 'conntrack-protocol':
    case 'conntrack-direction':
    case 'conntrack-status':
      return hasConnection(packet) ? tupleFits(match, packet) : fitsWithoutConnection(rule);
    case 'mark':
      return markFits(match, packet);
    case 'address-type':
      return addressTypeFits(match, packet, run);
    case 'set':
      return setFits(match, packet, run);
    case 'reverse-path':
      return reversePathFits(match, packet, run);
    case 'address-range': {
      const { address } = match.side === 'source' ? packet.source : packet.destination;
      return (compare(match.first, address) <= 0 && compare(address, match.last) <= 0) !== match.negated;
    }
    case 'physical-device':
      return { unknown: 'match physdev is not modelled' };
    case 'statistic':
      return { asked: match.negated ? 1 - match.probability : match.probability };
    case 'state-dependent':
      return { asked: null };
    case 'unmodelled':
      return { unknown: match.module === 'rule' ? match.text : `match ${match.module} is not modelled: ${match.text}` };
    default:
      return { unknown: `match ${match.kind} is not modelled` };
  }
}

type MatchOf<K extends Match['kind']> = Extract<Match, { readonly kind: K }>;

/** The kernel compares with an empty name where there is no interface, so that `! -i eth0` matches in OUTPUT. */
function interfaceFits(name: string, match: MatchOf<'in-interface' | 'out-interface'>): boolean {
  return match.wildcard ? name.startsWith(match.name) : name === match.name;
}

function portsFit(match: MatchOf<'ports'>, packet: PacketState): boolean {
  const source = packet.source.port;
  const destination = packet.destination.port;
  if (source === null || destination === null) return false;
  const fits = (port: number): boolean => match.ranges.some((range) => inRange(port, range));
  const found =
    match.side === 'source' ? fits(source) : match.side === 'destination' ? fits(destination) : fits(source) || fits(destination);
  return found !== match.negated;
}

function icmpFits(match: MatchOf<'icmp-type'>, { icmp }: PacketState): boolean {
  if (icmp === null) return false;
  if (match.type === 255 && match.codes === null) return true;
  return icmp.type === match.type && (match.codes === null || inRange(icmp.code, match.codes));
}

function stateFits(states: readonly string[], packet: PacketState): boolean {
  if (states.includes(packet.tracked)) return true;
  if (!hasConnection(packet)) return false;
  const { original, translated } = packet.connection;
  return (
    (states.includes('DNAT') && original.destination !== translated.destination) ||
    (states.includes('SNAT') && original.source !== translated.source)
  );
}

/**
 * What conntrack_mt answers beside the state where there is no connection: the state alone decides if the same `-m conntrack` names one,
 * and nothing else matches, `!` or not.
 */
function fitsWithoutConnection({ matches, text }: Rule): Answer {
  if (!matches.some(({ kind }) => kind === 'conntrack-state')) return false;
  const modules = text.match(/-m (conntrack|state)\b/g)?.length ?? 0;
  return modules === 1 ? true : { unknown: 'several conntrack matches on a packet without a connection' };
}

/** A packet without a connection has no connection's mark, so that `-m connmark` never matches, `!` or not (connmark_mt in xt_connmark.c). */
function markFits(match: MatchOf<'mark'>, packet: PacketState): Answer {
  if (match.of === 'connection' && !hasConnection(packet)) return false;
  const mark = match.of === 'packet' ? packet.mark : packet.connection.mark;
  if (mark === null) return { unknown: 'the mark of a connection older than the snapshot' };
  return ((mark & match.mask) >>> 0 === match.value) !== match.negated;
}

function tupleFits(
  match: MatchOf<'conntrack-address' | 'conntrack-port' | 'conntrack-protocol' | 'conntrack-direction' | 'conntrack-status'>,
  packet: PacketState,
): Answer {
  const { original, translated } = packet.connection;
  const ends = { origsrc: original.source, origdst: original.destination, replsrc: translated.destination, repldst: translated.source };
  switch (match.kind) {
    case 'conntrack-address':
      return prefixContains(match.prefix, ends[match.which].address) !== match.negated;
    case 'conntrack-port': {
      const { port } = ends[match.which];
      return (port !== null && inRange(port, match.range)) !== match.negated;
    }
    case 'conntrack-protocol':
      return (packet.protocol === match.number) !== match.negated;
    case 'conntrack-direction':
      return (match.direction === packet.direction) !== match.negated;
    case 'conntrack-status':
      return { unknown: 'match conntrack --ctstatus is not modelled' };
    default:
      return match satisfies never;
  }
}

/** The types of an address by the local table, on one interface where the match limits it and the hook has one. */
function addressTypeFits(match: MatchOf<'address-type'>, packet: PacketState, run: Run): Answer {
  const { address } = match.side === 'source' ? packet.source : packet.destination;
  if (run.model.snapshot.routes.kind === 'missing') return { unknown: `match addrtype: ${run.model.snapshot.routes.because}` };
  const unmodelled = match.types.find((type) => !['LOCAL', 'UNICAST', 'BROADCAST', 'MULTICAST'].includes(type));
  if (unmodelled !== undefined) return { unknown: `match addrtype ${unmodelled} is not modelled` };
  const limit = match.limit === null ? null : (match.limit === 'in' ? packet.inInterface : packet.outInterface) || null;
  const type = addressType(address, limit, run);
  const fits = address.family === 'ip' ? match.types.includes(type) : match.types.every((wanted) => isOfType6(wanted, type));
  return fits !== match.negated;
}

/** IPv6 wants every type named, and an address of the node itself is UNICAST as well as LOCAL (match_type6 in xt_addrtype.c). */
function isOfType6(wanted: string, type: string): boolean {
  return wanted === type || (wanted === 'UNICAST' && type === 'LOCAL');
}

/** inet_dev_addr_type in net/ipv4/fib_frontend.c. */
function addressType(address: Address, onInterface: string | null, run: Run): string {
  const first = (address.words[0] as number) >>> 24;
  if (address.family === 'ip' && (first === 0 || address.words[0] === 0xffffffff)) return 'BROADCAST';
  if (address.family === 'ip' ? first >> 4 === 14 : first === 255) return 'MULTICAST';
  const route = run.model.routing.inTable(address.family, 'local', address);
  if (route === null || (onInterface !== null && route.interface !== onInterface)) return 'UNICAST';
  return route.type === 'local' || route.type === 'broadcast' || route.type === 'multicast' ? route.type.toUpperCase() : 'UNICAST';
}

function setFits(match: MatchOf<'set'>, packet: PacketState, run: Run): Answer {
  const { sets, setIndex } = run.model;
  if (sets.kind === 'missing') return { unknown: `match set ${match.name}: ${sets.source}: ${sets.because}` };
  const set = sets.value.get(match.name);
  if (set === undefined) return { unknown: `ipset ${match.name} is not in ${sets.source}` };
  if (match.counterOptions !== '' || match.returnNomatch)
    return { unknown: `match set with ${match.counterOptions || '--return-nomatch'} is not modelled` };
  const found = setIndex.contains(set, packet, match.directions);
  return found === 'unknown' ? { unknown: setIndex.reason(set) ?? '' } : found !== match.negated;
}

/** ipt_rpfilter.c, ip6t_rpfilter.c: the route back to the source must leave by the interface that the packet came in on. */
function reversePathFits(match: MatchOf<'reverse-path'>, packet: PacketState, run: Run): Answer {
  if (packet.inInterface === 'lo') return !match.inverted;
  const found = run.model.routing.lookup({
    destination: packet.source.address,
    source: packet.destination.address,
    inInterface: null,
    mark: match.validMark ? packet.mark : 0,
  });
  if (found.kind === 'missing') return { unknown: `match rpfilter: ${found.because}` };
  if (found.kind === 'none') return match.inverted;
  const { type, interface: outInterface } = found.route;
  const passes = (type === 'unicast' || (type === 'local' && match.acceptLocal)) && (match.loose || outInterface === packet.inInterface);
  return passes !== match.inverted;
}

function compare(a: Address, b: Address): number {
  for (let i = 0; i < a.words.length; i++) {
    const difference = (a.words[i] as number) - (b.words[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
