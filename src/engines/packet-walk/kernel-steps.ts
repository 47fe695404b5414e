import type { Place } from '#facts/evidence.ts';
import type { Hook } from '#facts/rule.ts';
import type { ChainEnd, Run } from './context.ts';
import type { PacketState } from './flow.ts';
import { runTable } from './hook-run.ts';
import type { TableName } from './hooks.ts';
import type { RouteAnswer, RouteQuery } from './routing.ts';

/** Notes what the kernel itself does between the tables; `at`: the route or setting by which it does. */
export function noteKernel(run: Run, hook: Hook, text: string, effect: string, at?: Place): void {
  const place = { source: at?.source ?? null, line: at?.line ?? null };
  run.steps.push({ hook, backend: null, family: '', table: '', chain: '', rule: null, text, effect, ...place });
}

/** What cannot be decided here, as a gap of the run. */
export function gap(run: Run, hook: Hook, because: string): 'undecided' {
  run.gaps.push({ backend: null, table: 'routing', chain: hook, rule: null, because });
  return 'undecided';
}

/**
 * The tables of one hook in priority order. Native chains and dumps that we cannot read become gaps of the run: from there on the leg is
 * undecided, since they may drop, rewrite or mark the packet; what the known rules would do is still followed.
 */
export function runTables(hook: Hook, tables: readonly TableName[], packet: PacketState, run: Run): ChainEnd {
  for (const each of run.model.hooks.gapsAt(packet.family, hook)) if (!run.gaps.includes(each)) run.gaps.push(each);
  for (const table of tables) {
    const end = runTable(hook, table, packet, run);
    if (end !== 'accept') return end;
  }
  return 'accept';
}

export function routeFor(packet: PacketState, inInterface: string | null): RouteQuery {
  return { destination: packet.destination.address, source: packet.source.address, inInterface, mark: packet.mark };
}

/** A route's end for a packet: an ICMP error is a rejection, a blackhole a drop (net/ipv4/fib_semantics.c, fib_props). */
export function refusal(answer: RouteAnswer, hook: Hook, run: Run): Exclude<ChainEnd, 'accept'> | null {
  if (answer.kind === 'missing') return gap(run, hook, answer.because);
  if (answer.kind === 'none') {
    noteKernel(run, hook, 'no route to the destination', 'no-route');
    return 'reject';
  }
  switch (answer.route.type) {
    case 'blackhole':
      noteKernel(run, hook, 'blackhole route', 'drop', answer.route.at);
      return 'drop';
    case 'unreachable':
    case 'prohibit':
      noteKernel(run, hook, `${answer.route.type} route`, 'reject', answer.route.at);
      return 'reject';
    case 'other':
      return gap(run, hook, 'a route of a type that is not modelled');
    default:
      return null;
  }
}
