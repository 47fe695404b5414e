import type { Machine } from '../machine.ts';
import { runHook } from '../run-hook.ts';
import { bridgeArrival } from './bridge.ts';
import { lost } from './leg.ts';
import { gap } from './notes.ts';
import { checkArrivalDestination6, checkArrivalSource6 } from './source-checks.ts';
import type { Next } from './stage.ts';

/** A packet comes in by an interface: XDP and the bridge first, then the IP layer. */
export function arrivalStage(machine: Machine): Next {
  const next = comesIn(machine);
  if (next !== 'prerouting' || machine.frame?.callsIp) return next;
  const refused = checkArrivalSource6(machine) ?? checkArrivalDestination6(machine);
  return refused === null ? 'prerouting' : lost(machine, refused);
}

/** Before the IP layer looks at it. */
export function comesIn(machine: Machine): Next {
  const { packet, model } = machine;
  if (model.routing.links.kind === 'missing')
    return lost(
      machine,
      gap(machine, 'prerouting', `links: ${model.routing.links.because}: whether an XDP program sees the packet first is not known`),
    );
  if (model.routing.link(packet.inInterface)?.xdp)
    return lost(machine, gap(machine, 'prerouting', `an XDP program on ${packet.inInterface} sees the packet first: not modelled`));
  const bridged = bridgeArrival(machine);
  return bridged === null ? 'prerouting' : bridged.next;
}

export function preroutingStage(machine: Machine): Next {
  const end = runHook(machine.model.hooks.program(machine.packet.family, 'prerouting'), machine);
  if (end !== 'accept') return lost(machine, end);
  return machine.frame?.callsIp ? 'bridge' : 'route';
}
