import type { Machine } from '../machine.ts';
import { evenUnknown } from '../question.ts';
import type { NftContext } from './context.ts';

const chance = { key: null, probabilities: evenUnknown, gap: null };

/** An expression of a rule: `position` tells it from the others. */
export interface Place {
  readonly context: NftContext;
  readonly position: number;
}

/** Nobody can tell: both answers are walked. `because` null: it is chance or state outside a snapshot; else the gap is named. */
export function isTold(machine: Machine, because: string | null, { context, position }: Place): boolean {
  if (because === null) return machine.ask(chance) === 0;
  const key = `${machine.packet.leg} ${machine.hook} ${context.key}:${position}`;
  return machine.ask({ key, probabilities: evenUnknown, gap: context.gap(because) }) === 0;
}
