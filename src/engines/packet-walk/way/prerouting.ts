import type { Machine } from '../machine.ts';
import { runHook } from '../run-hook.ts';
import { bridgeArrival } from './bridge.ts';
import { lost } from './leg.ts';
import { gap, noteKernel } from './notes.ts';
import { refusal } from './refusal.ts';
import { routeQuery } from './route-query.ts';
import { checkLoopback, checkSource } from './source-checks.ts';
import type { Next } from './stage.ts';

/** A packet comes in by an interface: XDP and the bridge first, then the IP layer. */
export function arrivalStage(machine: Machine): Next {
  const { packet, model } = machine;
  if (model.routing.link(packet.inInterface)?.xdp)
    return lost(machine, gap(machine, 'prerouting', `an XDP program on ${packet.inInterface} sees the packet first: not modelled`));
  return bridgeArrival(machine) ?? 'prerouting';
}

export function preroutingStage(machine: Machine): Next {
  const end = runHook(machine.model.hooks.program(machine.packet.family, 'prerouting'), machine);
  return end === 'accept' ? 'route' : lost(machine, end);
}

/** The input route: to the node itself, onward, or nowhere (ip_route_input_slow, ip6_route_input). */
export function routeStage(machine: Machine): Next {
  const martian = checkLoopback(machine) ?? checkSource(machine);
  return martian === null ? inputRoute(machine) : lost(machine, martian);
}

/** The route of a packet whose source is no martian. */
export function inputRoute(machine: Machine): Next {
  const { packet, model } = machine;
  const answer = model.routing.lookup(routeQuery(packet, model.routing.looksAtInterfaces(packet.family) ? packet.inInterface : null));
  const refused = refusal(answer, 'prerouting', machine);
  if (refused !== null) return lost(machine, refused);
  if (answer.kind !== 'route') return lost(machine, gap(machine, 'prerouting', 'no answer of the routing'));
  const { route } = answer;
  noteKernel(machine, 'prerouting', route.type === 'local' ? 'the node itself' : `by ${route.interface}`, 'route');
  if (route.type === 'local' || route.type === 'broadcast') {
    packet.outInterface = '';
    return 'input';
  }
  if (route.type !== 'unicast' || route.interface === null)
    return lost(machine, gap(machine, 'prerouting', `a ${route.type} route is not modelled`));
  machine.routed = route.interface;
  return 'forward';
}
