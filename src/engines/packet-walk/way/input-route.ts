import type { Route } from '#facts/network.ts';
import type { Machine } from '../machine.ts';
import { isLimitedBroadcast, isMulticast, isUnspecified } from '../routing/address-kinds.ts';
import { forwards } from './forwarding.ts';
import { lost } from './leg.ts';
import { nextHopOf, takeHop } from './next-hop.ts';
import { gap, noteKernel } from './notes.ts';
import { refusal } from './refusal.ts';
import { inputQuery } from './route-query.ts';
import { checkMartians4, isZero } from './source-checks.ts';
import type { Next } from './stage.ts';
import { validateSource, type Way } from './validate-source.ts';

/** The input route: to the node itself, onward, or nowhere. */
export function routeStage(machine: Machine): Next {
  // What comes back in by lo keeps the route that it was sent by.
  if (machine.packet.inInterface === 'lo' && machine.routed === 'lo') return toItself(machine);
  return machine.packet.family === 'ip' ? route4(machine) : route6(machine);
}

/** ip_route_input_rcu and ip_route_input_slow in net/ipv4/route.c, step by step. */
function route4(machine: Machine): Next {
  const { source, destination } = machine.packet;
  if (isMulticast(destination.address))
    return lost(machine, gap(machine, 'prerouting', 'which multicast groups are joined is not in a snapshot'));
  const martian = checkMartians4(machine);
  if (martian !== null) return lost(machine, martian);
  if (isLimitedBroadcast(destination.address) || isZero(source.address, destination.address)) return broadcast(machine);
  const query = inputQuery(machine.packet);
  const answer = machine.fork?.route ?? machine.model.routing.lookup(query);
  if (answer.kind === 'route' && answer.route.type === 'broadcast') return directedBroadcast(machine);
  if (answer.kind === 'route' && answer.route.type === 'local') return validated(machine, destination.address);
  // An interface that does not forward answers nothing either.
  const stays = answer.kind === 'missing' ? null : forwards(machine);
  if (stays !== null) return lost(machine, stays);
  const refused = refusal(answer, 'prerouting', machine);
  if (refused !== null) return lost(machine, refused);
  const route = (answer as { readonly route: Route }).route;
  if (route.type === 'unicast') return onward(machine, route);
  noteKernel(machine, 'prerouting', `a ${route.type} route is none for what comes in`, 'drop', route.at);
  return lost(machine, 'drop');
}

/** To the node itself, if the source may be. */
function validated(machine: Machine, to: Way['to']): Next {
  const refused = validateSource(machine, { to, outInterface: null });
  return refused === null ? toItself(machine) : lost(machine, refused);
}

function onward(machine: Machine, route: Route): Next {
  const hop = nextHopOf(route, inputQuery(machine.packet), machine);
  if (typeof hop === 'string') return lost(machine, gap(machine, 'prerouting', hop));
  if (hop.interface === null) return lost(machine, gap(machine, 'prerouting', 'the route has no interface'));
  if (machine.packet.family === 'ip') {
    const refused = validateSource(machine, { to: machine.packet.destination.address, outInterface: hop.interface });
    if (refused !== null) return lost(machine, refused);
  }
  noteKernel(machine, 'prerouting', `by ${hop.interface}`, 'route');
  takeHop(hop, machine);
  return 'forward';
}

function directedBroadcast(machine: Machine): Next {
  const { settings } = machine.model;
  const { inInterface } = machine.packet;
  const [all, own] = ['all', inInterface].map((name) => settings.of('ipv4', name, 'bc_forwarding'));
  if (all === 0 || own === 0) return broadcast(machine);
  return lost(machine, gap(machine, 'prerouting', `bc_forwarding of ${inInterface} is on, or not in the snapshot: not modelled`));
}

/** Nobody answers what goes to many. */
function broadcast(machine: Machine): Next {
  machine.isForMany = true;
  return isUnspecified(machine.packet.source.address) ? toItself(machine) : validated(machine, null);
}

function toItself(machine: Machine): Next {
  noteKernel(machine, 'prerouting', 'the node itself', 'route');
  machine.packet.outInterface = '';
  return 'input';
}

/** ip6_route_input in net/ipv6/route.c. */
function route6(machine: Machine): Next {
  const answer = machine.model.routing.lookup(inputQuery(machine.packet));
  const refused = refusal(answer, 'prerouting', machine);
  if (refused !== null) return lost(machine, refused);
  const route = (answer as { readonly route: Route }).route;
  machine.isForMany = route.type === 'anycast';
  if (route.type === 'local' || route.type === 'anycast') return toItself(machine);
  if (route.type === 'unicast') return onward(machine, route);
  return lost(machine, gap(machine, 'prerouting', `a ${route.type} route is not modelled`));
}
