import { sameAddress } from '#facts/address.ts';
import type { Machine } from '../machine.ts';
import { field } from '../op.ts';
import { defaultZone, hasConnection, type Packet, type TrackState } from '../packet.ts';
import { evenUnknown } from '../question.ts';
import type { ChainEnd } from '../verdict.ts';
import { firstState } from './first-state.ts';
import { noteKernel } from './notes.ts';
import { replyState } from './reply.ts';
import { routeLocal } from './route-local.ts';
import { isRefusedByTracker } from './tracker-checks.ts';

/**
 * A fragment waits until all of its packet is there, and then goes on as the whole packet (nf_defrag_ipv4.c, nf_defrag_ipv6_hooks.c). Whether
 * the others come is not known.
 */
export function defragment(machine: Machine): ChainEnd {
  const { packet, model } = machine;
  if (packet.fragmentOffset === 0 && !packet.moreFragments) return 'accept';
  if (!model.hooks.putsFragmentsTogether(packet.family) && !tracks(machine, true)) return 'accept';
  machine.wrote(field.tuple | field.length);
  return reassemble(machine);
}

export function reassemble(machine: Machine): 'accept' | 'drop' {
  const { packet } = machine;
  if (packet.fragmentOffset === 0 && !packet.moreFragments) return 'accept';
  const key = `${packet.leg} fragments`;
  if (machine.ask({ key, probabilities: evenUnknown, gap: null }) === 0) {
    noteKernel(machine, machine.hook, 'a fragment is kept until the rest of its packet comes, which it does not', 'drop');
    return 'drop';
  }
  noteKernel(machine, machine.hook, 'the fragments are put together', 'defragment');
  askPorts(machine);
  machine.packet = { ...packet, fragmentOffset: 0, moreFragments: false, length: null };
  return 'accept';
}

/** The ports of a later fragment are those of the first one, which passed the rules before this one and alone. */
function askPorts(machine: Machine): void {
  const { packet, model, hook } = machine;
  if (packet.fragmentOffset === 0 || packet.destination.port === null || !model.hooks.rewritesPorts(packet.family)) return;
  const because = 'the ports of a later fragment are those of the first one, which a rule may have rewritten';
  machine.addGap({ backend: null, table: 'defragmentation', chain: hook, rule: null, because });
}

/** Conntrack's own hook, after raw: what raw did not exclude, and what has no connection yet, gets its state. */
export function track(machine: Machine): ChainEnd {
  const { packet } = machine;
  packet.isPastTracking = true;
  if (!tracks(machine, machine.model.hooks.hasNat(packet.family))) return 'accept';
  machine.touched.reads |= field.tracking;
  if (packet.tracked === 'UNTRACKED' || hasConnection(packet)) return 'accept';
  machine.wrote(field.tracking);
  packet.isTemplated = false;
  if (packet.leg === 'request') packet.connection = { ...packet.connection, zone: packet.zone };
  packet.tracked = stateOf(machine);
  // The template is gone: on lo, what is INVALID is looked up again without it.
  packet.zone = defaultZone;
  return 'accept';
}

function stateOf(machine: Machine): TrackState {
  const { packet, probe } = machine;
  if (packet.leg === 'request') {
    if (probe.state !== 'NEW') return probe.state;
    return isRefusedByTracker(machine) ? 'INVALID' : firstState(packet, isLoose(machine));
  }
  return isRefusedByTracker(machine) ? 'INVALID' : replyState(packet);
}

/** Asked only for packets to which it matters. */
function isLoose(machine: Machine): boolean {
  const { packet, hook, model } = machine;
  const name = 'nf_conntrack_tcp_loose';
  const value = model.settings.at(`net.netfilter.${name}`);
  if (value !== null || packet.protocol !== 6 || (packet.tcpFlags & 0x17) !== 0x10) return value !== 0;
  const gap = { backend: null, table: 'conntrack', chain: hook, rule: null, because: `${name} is not in the snapshot` };
  return machine.ask({ key: name, probabilities: evenUnknown, gap }) === 0;
}

/**
 * Conntrack runs in a namespace only once a rule needs it (nf_ct_netns_get), even a rule in a chain that no hook reaches. Where nobody knows
 * it is asked only if `matters`.
 */
function tracks(machine: Machine, matters: boolean): boolean {
  const { family } = machine.packet;
  const known = machine.model.hooks.tracks(family);
  if (known === 'unknown') {
    const because = 'whether conntrack is on, and nat with it: only rules that are not modelled, or were not read, may need it';
    const gap = { backend: null, table: 'nat', chain: '*', rule: null, because };
    const question = { key: `${family} conntrack`, probabilities: evenUnknown, gap };
    machine.conntrackIsOff = matters && machine.ask(question) === 1;
  } else machine.conntrackIsOff = !known;
  return !machine.conntrackIsOff;
}

/**
 * The end of a nat point (nf_nat_inet_fn). A first packet that no rule bound is bound to what it is, so that later nat points of this kind leave it
 * alone. A reply is rewritten back without looking at rules: at the destination points what SNAT did, at the source points what DNAT did. What the node
 * sends is routed again where its destination is another one now (nf_nat_ipv4_local_fn).
 */
export function translate(machine: Machine): ChainEnd {
  const { packet, hook } = machine;
  if (!hasConnection(packet) || machine.conntrackIsOff) return 'accept';
  const atDestination = hook === 'prerouting' || hook === 'output';
  const { connection } = packet;
  const { original, translated } = connection;
  if (packet.direction === 'ORIGINAL') {
    if (atDestination && !connection.destinationBound) packet.connection = { ...connection, destinationBound: true };
    if (!atDestination && !connection.sourceBound) packet.connection = { ...connection, sourceBound: true };
    return hook === 'output' && !sameAddress(original.destination.address, translated.destination.address) ? routeLocal(machine) : 'accept';
  }
  if (atDestination && translated.source !== original.source) {
    // Back on lo, where a template had kept it from its connection before: with another destination it loses its route (nf_nat_ipv4_in).
    const isBack = hook === 'prerouting' && packet.inInterface === 'lo' && machine.routed === 'lo';
    if (isBack && !sameAddress(packet.destination.address, original.source.address)) machine.routed = '';
    packet.destination = original.source;
  }
  if (!atDestination && translated.destination !== original.destination) {
    packet.source = original.destination;
    if (packet.family === 'ip' && machine.model.routing.addressType(packet.source.address, null) === 'broadcast') {
      const because = 'a reply that nat gives a broadcast address as its source is not modelled';
      machine.addGap({ backend: null, table: 'nat', chain: hook, rule: null, because });
    }
  }
  return hook === 'output' && !sameAddress(original.source.address, translated.source.address) ? routeLocal(machine) : 'accept';
}

type Routed = Pick<Packet, 'mark' | 'tos' | 'ttl' | 'untold' | 'source' | 'destination'>;

/**
 * After a chain of type route: a packet whose addresses, mark, type of service or, of IPv6, hop limit changed is routed again (nf_route_table_hook4 and 6 in
 * nft_chain_route.c, ip6t_mangle_out).
 */
export function reroute(before: Routed, machine: Machine): ChainEnd {
  return isChanged(before, machine) ? routeLocal(machine) : 'accept';
}

function isChanged(before: Routed, machine: Machine): boolean {
  const { packet } = machine;
  const { family, mark, tos, ttl, untold, source, destination } = packet;
  const looks = field.tos | (family === 'ip6' ? field.ttl : field.none);
  if (before.mark !== mark || before.tos !== tos || (family === 'ip6' && before.ttl !== ttl)) return true;
  if (!sameAddress(before.source.address, source.address) || !sameAddress(before.destination.address, destination.address)) return true;
  // Set to a value, and nobody tells whether it was that before.
  const isTold = (before.untold & ~untold & looks) !== 0;
  return isTold && machine.ask({ key: `${packet.leg} set as it was`, probabilities: evenUnknown, gap: null }) === 0;
}
