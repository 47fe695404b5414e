import type { Address } from '#facts/address.ts';
import type { Machine } from '../machine.ts';
import { usesInterface } from '../routing/choose-route.ts';
import type { ChainEnd } from '../verdict.ts';
import { gap, noteKernel } from './notes.ts';
import { backQuery } from './route-query.ts';

type Refused = Exclude<ChainEnd, 'accept'> | null;

/** `to`: the destination, null for broadcasts. `outInterface`: null for what the node itself receives. */
export interface Way {
  readonly to: Address | null;
  readonly outInterface: string | null;
}

/** Null: the source may be. Else why it may not, or why nobody can tell. */
type Finding = null | { readonly drop: string } | { readonly open: string };

/**
 * Source validation of IPv4 (fib_validate_source in net/ipv4/fib_frontend.c): an own address as the source is a martian unless accept_local, and rp_filter,
 * the greater of `all` and the interface's own, wants a route back.
 */
export function validateSource(machine: Machine, way: Way): Refused {
  const { packet, model } = machine;
  const filter = model.settings.greater('ipv4', packet.inInterface, 'rp_filter');
  if (filter !== null) return refused(findingOf(machine, way, filter), machine);
  const [off, ...others] = [0, 1, 2].map((each) => findingOf(machine, way, each));
  const same = others.every((each) => kindOf(each) === kindOf(off ?? null));
  if (same) return refused(off ?? null, machine);
  return gap(machine, 'prerouting', `rp_filter of ${packet.inInterface} is not in the snapshot, and the route back leaves elsewhere`);
}

function refused(finding: Finding, machine: Machine): Refused {
  if (finding === null) return null;
  if ('open' in finding) return gap(machine, 'prerouting', finding.open);
  noteKernel(machine, 'prerouting', finding.drop, 'drop');
  return 'drop';
}

const kindOf = (finding: Finding): string => (finding === null ? 'pass' : 'open' in finding ? `open ${finding.open}` : 'drop');

/**
 * Without rp_filter only own addresses are looked for, except where the packet leaves as it came and could be redirected, or where local routes or policy
 * rules were made by hand.
 */
function findingOf(machine: Machine, way: Way, filter: number): Finding {
  if (filter !== 0) return fullFinding(machine, way, filter);
  const looksCloser = isLookedAtCloser(machine, way);
  if (looksCloser === true) return fullFinding(machine, way, 0);
  const quick = quickFinding(machine);
  if (looksCloser === false) return quick;
  const full = fullFinding(machine, way, 0);
  if (kindOf(quick) === kindOf(full)) return quick;
  return { open: 'how closely the kernel looks at the source depends on whether policy rules or local routes were ever made by hand' };
}

function isLookedAtCloser({ packet, model }: Machine, { outInterface }: Way): boolean | 'unknown' {
  const { inInterface } = packet;
  const turns = outInterface === inInterface ? model.settings.greater('ipv4', inInterface, 'send_redirects') : 0;
  if (turns !== null && turns > 0) return true;
  if (model.settings.greater('ipv4', inInterface, 'accept_local') === 1) return turns === null ? 'unknown' : false;
  const custom = model.routing.hasCustomRoutesOrRules;
  return turns === null && custom === false ? 'unknown' : custom;
}

function quickFinding(machine: Machine): Finding {
  const { packet, model } = machine;
  const own = model.routing.isConfigured(packet.source.address, null);
  if (own === null) return { open: "the node's addresses are not in the snapshot" };
  return own ? martianUnlessAccepted(machine) : null;
}

function martianUnlessAccepted({ packet, model }: Machine): Finding {
  const accepts = model.settings.greater('ipv4', packet.inInterface, 'accept_local');
  if (accepts === null) return { open: `accept_local of ${packet.inInterface} is not in the snapshot` };
  return accepts > 0 ? null : { drop: "the source is one of the node's own addresses" };
}

/** __fib_validate_source. */
function fullFinding(machine: Machine, way: Way, filter: number): Finding {
  const { packet, model } = machine;
  const { routing, settings } = model;
  const { inInterface } = packet;
  const validMark = settings.greater('ipv4', inInterface, 'src_valid_mark');
  if (validMark === null && packet.mark !== 0 && routing.looksAtMarks('ip'))
    return { open: `src_valid_mark of ${inInterface} is not in the snapshot, and the packet has a mark` };
  const found = routing.lookup(backQuery(packet, way.to, way.outInterface, validMark ? packet.mark : 0));
  if (found.kind === 'missing') return { open: found.because };
  const elsewhere = (): Finding =>
    filter === 0 ? null : { drop: `rp_filter ${filter} of ${inInterface}: the route back to the source leaves elsewhere` };
  if (found.kind === 'none') return elsewhere();
  const { route } = found;
  if (refuses.has(route.type)) return elsewhere();
  if (route.type === 'other') return { open: 'the route back is of a type that is not modelled' };
  if (route.type !== 'unicast' && route.type !== 'local') return { drop: `the source is a ${route.type} address` };
  const own = route.type === 'local' ? martianUnlessAccepted(machine) : null;
  if (own !== null) return own;
  if (usesInterface(route, inInterface)) return null;
  return filter === 2 ? looseFinding(machine, elsewhere()) : elsewhere();
}

const refuses: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit']);

/** By any route, but by the same interface where that has no IPv4 address. */
function looseFinding({ packet, model }: Machine, elsewhere: Finding): Finding {
  const hasAddress = model.routing.hasAddress('ip', packet.inInterface);
  if (hasAddress === null) return { open: `whether ${packet.inInterface} has an address is not in the snapshot` };
  return hasAddress ? null : elsewhere;
}
