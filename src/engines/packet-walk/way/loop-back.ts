import type { Machine } from '../machine.ts';
import type { Next } from './stage.ts';

/** What the node sent to itself comes in again by lo, with its connection. */
export function loopBack(machine: Machine): Next {
  const { packet } = machine;
  packet.inInterface = 'lo';
  packet.outInterface = '';
  packet.packetType = 'host';
  packet.fromSocket = true;
  packet.isPastTracking = false;
  return 'prerouting';
}
