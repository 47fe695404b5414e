import type { Machine } from '../machine.ts';
import type { ChainEnd } from '../verdict.ts';
import type { Fan } from './fan.ts';
import { doSegment, type Segment } from './segment.ts';

/** Does to the machine what the rules would have done. Null: the machine goes on where it now stands. */
export function doRun(found: Segment | Fan, machine: Machine): ChainEnd | null {
  if (!found.isFan) return doSegment(found, machine);
  found.send(machine);
  return 'accept';
}
