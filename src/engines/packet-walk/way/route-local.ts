import type { Machine } from '../machine.ts';
import type { ChainEnd } from '../verdict.ts';
import { gap, noteKernel } from './notes.ts';
import { refusal } from './refusal.ts';
import { routeQuery } from './route-query.ts';
import { checkLoopbackSource } from './source-checks.ts';

/** Where the node itself sends a packet: `machine.routed` is the interface, `lo` for its own addresses. */
export function routeLocal(machine: Machine): ChainEnd {
  const answer = machine.model.routing.lookup(routeQuery(machine.packet, null));
  const end = refusal(answer, 'output', machine);
  if (end !== null) return end;
  if (answer.kind !== 'route') return gap(machine, 'output', 'no answer of the routing');
  const { route } = answer;
  if (route.type !== 'local' && (route.type !== 'unicast' || route.interface === null))
    return gap(machine, 'output', `a ${route.type} route is not modelled`);
  const leaves = route.type === 'local' ? 'lo' : (route.interface as string);
  const loopback = checkLoopbackSource(machine, leaves);
  if (loopback !== null) return loopback;
  noteKernel(machine, 'output', `by ${leaves}`, 'route');
  machine.routed = leaves;
  return 'accept';
}
