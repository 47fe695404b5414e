import type { Machine } from '../machine.ts';
import { runHook } from '../run-hook.ts';
import { bridgeArrival } from './bridge.ts';
import { lost } from './leg.ts';
import { gap } from './notes.ts';
import { checkArrival6 } from './source-checks.ts';
import type { Next } from './stage.ts';

/** A packet comes in by an interface: XDP and the bridge first, then the IP layer. */
export function arrivalStage(machine: Machine): Next {
  const { packet, model } = machine;
  if (model.routing.link(packet.inInterface)?.xdp)
    return lost(machine, gap(machine, 'prerouting', `an XDP program on ${packet.inInterface} sees the packet first: not modelled`));
  const bridged = bridgeArrival(machine);
  if (bridged !== null) return bridged.next;
  const refused = checkArrival6(machine);
  return refused === null ? 'prerouting' : lost(machine, refused);
}

export function preroutingStage(machine: Machine): Next {
  const end = runHook(machine.model.hooks.program(machine.packet.family, 'prerouting'), machine);
  if (end !== 'accept') return lost(machine, end);
  return machine.frame?.callsIp ? 'bridge' : 'route';
}
