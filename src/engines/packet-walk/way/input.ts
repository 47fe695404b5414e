import type { Machine } from '../machine.ts';
import { runHook } from '../run-hook.ts';
import { reassemble } from './kernel-members.ts';
import { arrived, lost } from './leg.ts';
import { gap } from './notes.ts';
import type { Next } from './stage.ts';

const ipvs = {
  there: 'there is kube-ipvs0: whether IPVS takes the packet is not modelled',
  unknown: 'the links are not in the snapshot: whether IPVS takes the packet is not known',
} as const;

/** To the node itself. Whether a socket is there to take it is not in a snapshot. */
export function inputStage(machine: Machine): Next {
  const { packet, model } = machine;
  if (machine.program === null && packet.direction === 'ORIGINAL' && packet.destination.port !== null && model.routing.hasIpvs !== false)
    return lost(machine, gap(machine, 'input', ipvs[model.routing.hasIpvs === null ? 'unknown' : 'there']));
  // IPv4 puts fragments together before the hook, IPv6 behind it (ip_local_deliver in net/ipv4/ip_input.c).
  if (machine.program === null && packet.family === 'ip' && reassemble(machine) === 'drop') return lost(machine, 'drop');
  const end = runHook(model.hooks.program(packet.family, 'input'), machine);
  if (end !== 'accept') return lost(machine, end);
  return packet.family === 'ip6' ? 'deliver' : arrived(machine, 'local');
}

/** A stage of its own: who asks in it does not pass the hook again. */
export function deliverStage(machine: Machine): Next {
  return reassemble(machine) === 'drop' ? lost(machine, 'drop') : arrived(machine, 'local');
}
