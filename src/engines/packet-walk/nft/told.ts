import type { Machine } from '../machine.ts';
import { evenUnknown, type Question } from '../question.ts';
import type { NftContext } from './context.ts';

const chance: Question = { key: null, probabilities: evenUnknown, gap: null };

/** An expression of a rule: `position` tells it from the others. */
export interface Place {
  readonly context: NftContext;
  readonly position: number;
}

/**
 * Nobody can tell: both answers are walked. `because` null: it is chance or state outside a snapshot; else the gap is named. `about` tells apart what
 * one rule asks.
 */
export function isTold(machine: Machine, because: string | null, about: string): boolean {
  return machine.ask(because === null ? chance : questionAbout(machine, because, about, evenUnknown)) === 0;
}

/** A question of the rule that the machine is at. */
export function questionAbout(machine: Machine, because: string, about: string, probabilities: Question['probabilities']): Question {
  const { chain, position, packet, hook } = machine;
  if (chain === null) throw new Error('a question of no rule');
  const { backend, family, name: table } = chain.table;
  const key = `${packet.leg} ${hook} ${backend} ${family} ${table} ${chain.name} ${position}:${about}`;
  return { key, probabilities, gap: { backend, table, chain: chain.name, rule: position + 1, because } };
}
