import type { Machine } from '../machine.ts';
import { runHook } from '../run-hook.ts';
import { arrived, lost } from './leg.ts';
import { loopBack } from './loop-back.ts';
import type { Next } from './stage.ts';

/** POSTROUTING, and the way back in for what goes to the node itself by `lo`. */
export function postroutingStage(machine: Machine): Next {
  const { packet, model } = machine;
  const by = packet.outInterface;
  const end = runHook(model.hooks.program(packet.family, 'postrouting'), machine);
  if (end !== 'accept') return lost(machine, end);
  return by === 'lo' ? loopBack(machine) : arrived(machine, by);
}
