import type { Machine } from '../machine.ts';
import { type Code, fail, field, next, type Op } from '../op.ts';
import { hasConnection } from '../packet.ts';
import { isTold } from './told.ts';

/** Only what is established is handed to a flowtable: for a first packet the rule ends here (nft_flow_offload_eval). */
export const flowOffloadOp: Op = { run: offload, asks: true, reads: field.tracking, markReads: 0, writes: false };

function offload(machine: Machine): Code {
  const { packet } = machine;
  if (!hasConnection(packet) || packet.tracked === 'NEW') return fail;
  return isTold(machine, null, 'flow') ? next : fail;
}
