import type { Machine } from '../machine.ts';
import { runHook } from '../run-hook.ts';
import { forwards } from './forwarding.ts';
import { lost } from './leg.ts';
import { gap, noteKernel } from './notes.ts';
import { mayBeRedirected } from './redirect.ts';
import type { Next } from './stage.ts';

/** ip_forward and ip6_forward: the switch, then time to live, which is less by one from here on, then the FORWARD hook. */
export function forwardStage(machine: Machine): Next {
  const refused = forwards(machine);
  return refused === null ? onward(machine, machine.routed === machine.packet.inInterface) : lost(machine, refused);
}

/** A packet that the node may forward. `turns`: out by the interface that it came in by. */
export function onward(machine: Machine, turns: boolean): Next {
  const { packet, model } = machine;
  if (packet.ttl <= 1) {
    noteKernel(machine, 'forward', packet.family === 'ip' ? 'its time to live is over' : 'its hop limit is over', 'reject');
    return lost(machine, 'reject');
  }
  const mtu = packet.length === null ? null : (model.routing.link(machine.routed)?.mtu ?? null);
  if (packet.length !== null && mtu !== null && packet.length > mtu)
    return lost(machine, gap(machine, 'forward', `${packet.length} bytes are more than the MTU ${mtu} of ${machine.routed}: not modelled`));
  if (turns) mayBeRedirected(machine);
  packet.ttl--;
  packet.outInterface = machine.routed;
  return 'forward-hook';
}

export function forwardHookStage(machine: Machine): Next {
  const end = runHook(machine.model.hooks.program(machine.packet.family, 'forward'), machine);
  return end === 'accept' ? 'postrouting' : lost(machine, end);
}
