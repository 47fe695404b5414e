import { type Address, prefixContains } from '#facts/address.ts';
import type { Match } from '#facts/rule.ts';
import { shared } from '../common-op.ts';
import type { Machine } from '../machine.ts';
import { field, type Op, openTest, test } from '../op.ts';
import { hasConnection, unknownMark } from '../packet.ts';
import { evenUnknown } from '../question.ts';
import { addressTypeOp } from './address-type.ts';
import { conntrackOps } from './conntrack.ts';
import { physicalDeviceOp } from './physical-device.ts';
import { headerOp, portsOp } from './ports.ts';
import { reversePathOp } from './reverse-path.ts';
import type { RuleContext } from './rule-context.ts';
import { setOp } from './set.ts';
import { isTold, unknownOp } from './told.ts';

type Named<K extends Match['kind']> = Extract<Match, { readonly kind: K }>;

/** The conditions of a rule as operations, in order. */
export function matchOps(matches: readonly Match[], context: RuleContext): readonly Op[] {
  return matches.flatMap((match) => matchOp(match, matches, context) ?? []);
}

/** Null: the match says yes to everything. */
function matchOp(match: Match, all: readonly Match[], context: RuleContext): Op | null {
  switch (match.kind) {
    case 'source':
    case 'destination':
      return prefixOp(match);
    case 'in-interface':
    case 'out-interface':
      return shared(`${match.kind} ${match.name} ${match.wildcard} ${match.negated}`, () => interfaceOp(match));
    case 'protocol':
      return shared(`p ${match.number} ${match.negated}`, () =>
        test(field.none, ({ packet }) => (packet.protocol === match.number) !== match.negated),
      );
    case 'fragment':
      return test(field.none, ({ packet }) => packet.fragmentOffset > 0 !== match.negated);
    case 'ports':
      return portsOp(match, context);
    case 'transport-header':
      return headerOp(match.module, context);
    case 'tcp-flags':
      return headerOp('tcp', context, ({ packet }) => ((packet.tcpFlags & match.mask) === match.set) !== match.negated);
    case 'icmp-type':
      return icmpOp(match, context);
    case 'conntrack-state':
    case 'conntrack-address':
    case 'conntrack-port':
    case 'conntrack-protocol':
    case 'conntrack-direction':
    case 'conntrack-status':
      return conntrackOps(match, all, context);
    case 'mark':
      return markOp(match, context);
    case 'address-type':
      return addressTypeOp(match, context);
    case 'set':
      return setOp(match, context);
    case 'reverse-path':
      return reversePathOp(match, context);
    case 'address-range':
      return rangeOp(match);
    case 'ttl':
      return ttlOp(match);
    case 'length':
      return lengthOp(match);
    case 'tos':
      return openTest(field.tos, (machine) => {
        const { tos, untold } = machine.packet;
        if ((untold & field.tos) !== 0 && match.mask !== 0) return asks(machine, chance);
        return ((tos & match.mask) === match.value) !== match.negated;
      });
    case 'packet-type':
      return packetTypeOp(match);
    case 'mac-source':
      return macOp(match);
    case 'physical-device':
      return physicalDeviceOp(match, context);
    case 'ipsec-policy':
      // Which policies of IPsec there are is state that no snapshot holds.
      return openTest(field.none, (machine) => asks(machine, chance));
    case 'owner':
      return openTest(field.none, (machine) => (machine.packet.fromSocket ? asks(machine, chance) : match.withoutSocket));
    case 'socket':
    case 'helper':
    case 'state-dependent':
      return openTest(field.none, (machine) => asks(machine, chance));
    case 'statistic': {
      const share = match.negated ? 1 - match.probability : match.probability;
      const question = { key: null, probabilities: [share, 1 - share], gap: null };
      const key = `statistic ${share}`;
      return shared(key, () => ({ ...openTest(field.none, (machine) => machine.ask(question) === 0), chance: share }));
    }
    case 'comment':
    case 'accounting':
      return null;
    case 'unmodelled':
      return unknownOp(match.module === 'rule' ? match.text : `match ${match.module} is not modelled: ${match.text}`, context);
    default:
      return match satisfies never;
  }
}

const chance = { key: null, probabilities: evenUnknown, gap: null };
const asks = (machine: Machine, question: typeof chance): boolean => machine.ask(question) === 0;

/** IPv4 in one comparison of numbers: it is what most rules do. */
function prefixOp({ kind, prefix, negated }: Named<'source' | 'destination'>): Op {
  if (prefix.family === 'ip6') {
    return kind === 'source'
      ? test(field.tuple, ({ packet }) => prefixContains(prefix, packet.source.address) !== negated)
      : test(field.tuple, ({ packet }) => prefixContains(prefix, packet.destination.address) !== negated);
  }
  const word = (prefix.words[0] as number) | 0;
  const mask = prefix.mask[0] as number;
  if (prefix.bits !== null && prefix.bits < 32)
    return shared(`${kind} ${word} ${mask} ${negated}`, () => maskedOp(kind, word, mask, negated));
  const op = maskedOp(kind, word, mask, negated);
  return prefix.bits === 32 && !negated ? { ...op, exactly: { end: kind, word: word >>> 0 } } : op;
}

function maskedOp(kind: 'source' | 'destination', word: number, mask: number, negated: boolean): Op {
  return kind === 'source'
    ? test(field.tuple, ({ packet }) => (((packet.source.address.words[0] as number) & mask) === word) !== negated)
    : test(field.tuple, ({ packet }) => (((packet.destination.address.words[0] as number) & mask) === word) !== negated);
}

/** The kernel compares with an empty name where there is no interface, so that `! -i eth0` matches in OUTPUT. */
function interfaceOp({ kind, name, wildcard, negated }: Named<'in-interface' | 'out-interface'>): Op {
  const fits = (own: string): boolean => (wildcard ? own.startsWith(name) : own === name) !== negated;
  return kind === 'in-interface'
    ? test(field.none, ({ packet }) => fits(packet.inInterface))
    : { ...test(field.none, ({ packet }) => fits(packet.outInterface)), comparesOut: true };
}

function icmpOp(match: Named<'icmp-type'>, context: RuleContext): Op {
  const { type, codes, negated } = match;
  return headerOp('icmp', context, ({ packet: { icmp } }) => {
    if (icmp === null) return false;
    const any = type === 255 && codes === null;
    return (any || (icmp.type === type && (codes === null || (codes.first <= icmp.code && icmp.code <= codes.last)))) !== negated;
  });
}

/**
 * A packet without a connection has no connection's mark, so that `-m connmark` never matches, `!` or not (connmark_mt in xt_connmark.c); a template of CT
 * is one whose mark is 0 (nf_ct_tmpl_alloc).
 */
function markOp({ of, value, mask, negated }: Named<'mark'>, context: RuleContext): Op {
  if (of === 'packet') return test(field.none, ({ packet }) => ((packet.mark & mask) >>> 0 === value) !== negated, mask);
  return openTest(field.connectionMark | field.tracking, (machine) => {
    const { packet } = machine;
    if (!packet.isTemplated && !hasConnection(packet)) return false;
    const mark = packet.isTemplated ? 0 : packet.connection.mark;
    if (mark === null) return isTold(machine, unknownMark, context, 'mark');
    return ((mark & mask) >>> 0 === value) !== negated;
  });
}

function rangeOp({ side, first, last, negated }: Named<'address-range'>): Op {
  return test(field.tuple, ({ packet }) => {
    const { address } = side === 'source' ? packet.source : packet.destination;
    return (compare(first, address) <= 0 && compare(address, last) <= 0) !== negated;
  });
}

function compare(a: Address, b: Address): number {
  for (let i = 0; i < a.words.length; i++) {
    const difference = (a.words[i] as number) - (b.words[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

function ttlOp({ compare: how, value }: Named<'ttl'>): Op {
  const holds = {
    eq: (ttl: number): boolean => ttl === value,
    ne: (ttl: number): boolean => ttl !== value,
    lt: (ttl: number): boolean => ttl < value,
    gt: (ttl: number): boolean => ttl > value,
  }[how];
  return openTest(field.ttl, (machine) => ((machine.packet.untold & field.ttl) === 0 ? holds(machine.packet.ttl) : asks(machine, chance)));
}

/** xt_length.c counts the whole packet, of IPv6 too. */
function lengthOp({ range, negated }: Named<'length'>): Op {
  return openTest(field.length, (machine) => {
    const { length } = machine.packet;
    if (length === null) return asks(machine, chance);
    return (range.first <= length && length <= range.last) !== negated;
  });
}

/** A looped back packet counts by its destination (pkttype_mt in xt_pkttype.c). */
function packetTypeOp({ type, negated }: Named<'packet-type'>): Op {
  return openTest(field.packetType, (machine) => {
    const { packetType } = machine.packet;
    if (packetType === 'unknown' || packetType === 'loopback') return asks(machine, chance);
    return ((packetType === 'host' ? 'unicast' : packetType) === type) !== negated;
  });
}

/** Only frames that came in by Ethernet have a source (mac_mt in xt_mac.c). */
function macOp({ mac, negated }: Named<'mac-source'>): Op {
  return openTest(field.none, (machine) => {
    const { packet, model } = machine;
    if (packet.inInterface === '' || packet.inInterface === 'lo') return packet.inInterface === 'lo' && asks(machine, chance);
    const link = model.routing.link(packet.inInterface);
    if (link?.kind === 'tun' && link.mac === null) return false;
    if (packet.macSource === null) return asks(machine, chance);
    return (packet.macSource === mac) !== negated;
  });
}
