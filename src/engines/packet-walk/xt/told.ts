import type { Machine } from '../machine.ts';
import { field, type Op, openTest } from '../op.ts';
import { evenUnknown } from '../question.ts';
import type { RuleContext } from './rule-context.ts';

/** Nobody can tell: both answers are walked, and the gap is named. The same rule gives one answer for one packet at one hook. */
export function isTold(machine: Machine, because: string, context: RuleContext, about: string): boolean {
  const key = `${machine.packet.leg} ${machine.hook} ${context.key}:${about}`;
  return machine.ask({ key, probabilities: evenUnknown, gap: context.gap(because) }) === 0;
}

export function unknownOp(because: string, context: RuleContext): Op {
  return openTest(field.none, (machine) => isTold(machine, because, context, because));
}
