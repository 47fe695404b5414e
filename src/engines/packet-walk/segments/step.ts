import type { WalkChain } from '../chain.ts';
import type { Machine } from '../machine.ts';
import { type Code, fail, field, next, type Op } from '../op.ts';
import { nextForAll, partAfter, partBefore } from '../siblings.ts';
import { type Look, lookNumber, looks, seenValue } from './look.ts';
import { saysOfAll } from './says-of-all.ts';

/** What a run of rules did to learn which way it goes. */
export type Step =
  | { readonly kind: 'look'; readonly look: number }
  /** A condition on addresses or ports, or one that asks. */
  | { readonly kind: 'test'; readonly op: Op }
  /** One on a whole address of IPv4. */
  | { readonly kind: 'exact'; readonly op: Op; readonly end: 'source' | 'destination'; readonly word: number }
  /** The index of a chain by addresses or ports. */
  | { readonly kind: 'index'; readonly chain: WalkChain; readonly from: number };

/** One object for each: they are in all trees. */
const lookSteps: readonly Step[] = looks.map((_, look) => ({ kind: 'look', look }));

export const lookStep = (look: Look): Step => lookSteps[lookNumber[look]] as Step;

export function stepOf(op: Op): Step {
  return op.exactly === undefined ? { kind: 'test', op } : { kind: 'exact', op, ...op.exactly };
}

/** What the step says of the machine's packet. */
export function take(step: Step, machine: Machine): unknown {
  switch (step.kind) {
    case 'look':
      return seenValue(step.look, machine);
    case 'exact': {
      const { address } = step.end === 'source' ? machine.packet.source : machine.packet.destination;
      if (address.family !== 'ip' || (machine.siblings.length > 0 && step.end === 'destination')) return runTest(step.op, machine);
      return address.words[0] === step.word ? next : fail;
    }
    case 'test':
      return runTest(step.op, machine);
    case 'index':
      return machine.siblings.length === 0
        ? step.chain.nextPosition(step.from, machine.packet)
        : nextForAll(step.chain, step.from, machine);
    default:
      return step satisfies never;
  }
}

function runTest(op: Op, machine: Machine): Code {
  if (machine.siblings.length === 0 || (op.reads & field.tuple) === 0 || op.ignoresDestination === true) return op.run(machine);
  const known = machine.fork === null ? null : saysOfAll(op, machine.fork, machine);
  if (known !== null) return known;
  partBefore(op, machine);
  const code = op.run(machine);
  if (machine.siblings.length > 0) partAfter(op, code, machine);
  return code;
}

export function isSameStep(a: Step, b: Step): boolean {
  return (
    a === b ||
    (a.kind === 'test' && b.kind === 'test' && a.op === b.op) ||
    (a.kind === 'exact' && b.kind === 'exact' && a.op === b.op) ||
    (a.kind === 'index' && b.kind === 'index' && a.chain === b.chain && a.from === b.from)
  );
}
