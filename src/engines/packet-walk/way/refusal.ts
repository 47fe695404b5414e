import type { Hook } from '#facts/rule.ts';
import type { Machine } from '../machine.ts';
import type { RouteAnswer } from '../routing.ts';
import type { ChainEnd } from '../verdict.ts';
import { gap, noteKernel } from './notes.ts';

/** A route's end for a packet: an ICMP error is a rejection, a blackhole a drop (net/ipv4/fib_semantics.c, fib_props). */
export function refusal(answer: RouteAnswer, hook: Hook, machine: Machine): Exclude<ChainEnd, 'accept'> | null {
  if (answer.kind === 'missing') return gap(machine, hook, answer.because);
  if (answer.kind === 'none') {
    noteKernel(machine, hook, 'no route to the destination', 'no-route');
    return 'reject';
  }
  switch (answer.route.type) {
    case 'blackhole':
      noteKernel(machine, hook, 'blackhole route', 'drop', answer.route.at);
      return 'drop';
    case 'unreachable':
    case 'prohibit':
      noteKernel(machine, hook, `${answer.route.type} route`, 'reject', answer.route.at);
      return 'reject';
    case 'other':
      return gap(machine, hook, 'a route of a type that is not modelled');
    default:
      return null;
  }
}
