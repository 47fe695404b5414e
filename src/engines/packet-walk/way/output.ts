import type { Machine } from '../machine.ts';
import { runHook } from '../run-hook.ts';
import { lost } from './leg.ts';
import { routeLocal } from './route-local.ts';
import type { Next } from './stage.ts';

/**
 * A packet that the node itself sends: routing, OUTPUT, routing again where OUTPUT changed what routing looks at, POSTROUTING. All of OUTPUT
 * sees the interface of the first routing (nf_hook_state of __ip_local_out), also where nat or a mark has chosen another one since.
 */
export function outputStage(machine: Machine): Next {
  machine.packet.fromSocket = true;
  const end = routeLocal(machine);
  if (end !== 'accept') return lost(machine, end);
  machine.packet.outInterface = machine.routed;
  return 'output-hook';
}

export function outputHookStage(machine: Machine): Next {
  const { packet, model } = machine;
  const end = runHook(model.hooks.program(packet.family, 'output'), machine);
  if (end !== 'accept') return lost(machine, end);
  machine.packet.outInterface = machine.routed;
  return 'postrouting';
}
