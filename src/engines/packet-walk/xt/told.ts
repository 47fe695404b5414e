import type { Machine } from '../machine.ts';
import { field, type Op, openTest } from '../op.ts';
import { evenUnknown } from '../question.ts';
import type { RuleContext } from './rule-context.ts';

/** It draws at random: chance, and no gap of the walk. */
export const drawnPort = 'the kernel draws the port';

/** Nobody can tell: both answers are walked, and the gap is named. The same rule gives one answer for one packet at one hook. */
export function isTold(machine: Machine, because: string, context: RuleContext, about: string): boolean {
  const key = `${machine.packet.leg} ${machine.hook} ${context.key}:${about}`;
  return machine.ask({ key, probabilities: evenUnknown, gap: because === drawnPort ? null : context.gap(because) }) === 0;
}

export function unknownOp(because: string, context: RuleContext): Op {
  return openTest(field.none, (machine) => isTold(machine, because, context, because));
}

/** Like `isTold`, for operations that many rules share: the rule is the one that the machine is at. */
export function isToldHere(machine: Machine, because: string, about: string): boolean {
  const { chain, position, packet, hook } = machine;
  if (chain === null) throw new Error('a question of no rule');
  const { backend, family, name: table } = chain.table;
  const key = `${packet.leg} ${hook} ${backend} ${family} ${table} ${chain.name} ${position}:${about}`;
  const gap = because === drawnPort ? null : { backend, table, chain: chain.name, rule: position + 1, because };
  return machine.ask({ key, probabilities: evenUnknown, gap }) === 0;
}
