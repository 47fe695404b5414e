import { prefixContains } from '#facts/address.ts';
import type { Match } from '#facts/rule.ts';
import type { Machine } from '../machine.ts';
import { field, type Op, openTest, test } from '../op.ts';
import { hasConnection, type Packet } from '../packet.ts';
import { evenUnknown } from '../question.ts';
import type { RuleContext } from './rule-context.ts';

type Of<K extends Match['kind']> = Extract<Match, { readonly kind: K }>;
type ConntrackMatch = Of<
  'conntrack-state' | 'conntrack-address' | 'conntrack-port' | 'conntrack-protocol' | 'conntrack-direction' | 'conntrack-status'
>;

const reads = field.tracking | field.tuple;

/** conntrack_mt in xt_conntrack.c. `all`: the matches of the whole rule. */
export function conntrackOps(match: ConntrackMatch, all: readonly Match[], context: RuleContext): Op {
  if (match.kind === 'conntrack-state') {
    const { states, negated } = match;
    const looks = states.includes('DNAT') || states.includes('SNAT') ? reads : field.tracking;
    return test(looks, ({ packet }) => stateFits(states, packet) !== negated);
  }
  const besides = fitsWithoutConnection(all, context);
  return openTest(reads, (machine) => {
    if (machine.packet.isTemplated) return ask('conntrack matches on a template of CT', machine, context);
    if (!hasConnection(machine.packet)) return typeof besides === 'boolean' ? besides : ask(besides, machine, context);
    const { leg, tracked } = machine.packet;
    // An ICMP error carries the connection of the packet that it tells of, and a probe does not say which.
    const isOlder = leg === 'request' && (tracked === 'RELATED' || tracked === 'ESTABLISHED');
    const answer = isOlder ? 'conntrack matches on a connection that is older than the snapshot' : tupleFits(match, machine.packet);
    return typeof answer === 'boolean' ? answer : ask(answer, machine, context);
  });
}

function ask(because: string, machine: Machine, context: RuleContext): boolean {
  const key = `${machine.packet.leg} ${machine.hook} ${context.key}:conntrack ${because}`;
  return machine.ask({ key, probabilities: evenUnknown, gap: context.gap(because) }) === 0;
}

export function stateFits(states: readonly string[], packet: Packet): boolean {
  if (packet.isTemplated) return states.includes('NEW');
  if (states.includes(packet.tracked)) return true;
  if (!hasConnection(packet)) return false;
  const isTranslated = (end: 'source' | 'destination'): boolean => packet.connection.original[end] !== packet.connection.translated[end];
  return (states.includes('DNAT') && isTranslated('destination')) || (states.includes('SNAT') && isTranslated('source'));
}

/**
 * What conntrack_mt answers beside the state where there is no connection: the state alone decides if the same `-m conntrack` names one,
 * and nothing else matches, `!` or not.
 */
function fitsWithoutConnection(all: readonly Match[], { text }: RuleContext): boolean | string {
  if (!all.some(({ kind }) => kind === 'conntrack-state')) return false;
  const modules = text.match(/-m (conntrack|state)\b/g)?.length ?? 0;
  return modules === 1 ? true : 'several conntrack matches on a packet without a connection';
}

function tupleFits(match: Exclude<ConntrackMatch, { readonly kind: 'conntrack-state' }>, packet: Packet): boolean | string {
  const { original, translated } = packet.connection;
  const ends = { origsrc: original.source, origdst: original.destination, replsrc: translated.destination, repldst: translated.source };
  switch (match.kind) {
    case 'conntrack-address':
      return prefixContains(match.prefix, ends[match.which].address) !== match.negated;
    case 'conntrack-port': {
      const { port } = ends[match.which];
      // Kernels from 6.17 on do not know the ports of DCCP (nf_ct_get_tuple in nf_conntrack_core.c).
      if (packet.protocol === 33) return 'ports of DCCP, which not every conntrack knows';
      return (port !== null && match.range.first <= port && port <= match.range.last) !== match.negated;
    }
    case 'conntrack-protocol':
      return (packet.protocol === match.number) !== match.negated;
    case 'conntrack-direction':
      return (match.direction === packet.direction) !== match.negated;
    case 'conntrack-status':
      return statusFits(match, packet);
    default:
      return match satisfies never;
  }
}

/** Bits of ct->status that can be asked for: a reply has been seen, the connection is confirmed. NONE is no bit, and never matches. */
function statusFits({ statuses, negated }: Of<'conntrack-status'>, packet: Packet): boolean | string {
  if (packet.tracked !== 'NEW' && packet.leg === 'request') return 'match conntrack --ctstatus of a connection that exists';
  const isReply = packet.direction === 'REPLY';
  // A connection is confirmed after its first POSTROUTING or INPUT (nf_confirm): before that only lo shows the packet again.
  const isConfirmed = isReply || (packet.fromSocket && packet.inInterface === 'lo');
  return ((statuses.includes('SEEN_REPLY') && isReply) || (statuses.includes('CONFIRMED') && isConfirmed)) !== negated;
}
