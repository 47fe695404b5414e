import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { field, next, type Op } from '../op.ts';
import { arithmetic } from './arithmetic.ts';
import { hostWord } from './bytes.ts';
import { compareTest, rangeTest } from './compare.ts';
import type { NftContext } from './context.ts';
import { isDead, registerBits } from './register-use.ts';
import { Registers } from './registers.ts';
import { SetLookup } from './set-lookup.ts';

/** Values that are looked at one by one; with more the value is simply not known. */
const maxValues = 65_536;
/** Ways that one choice may split into. */
const maxOutcomes = 256;

/** Values of a number that chance chooses which lead to the same, with one of them to stand for all. */
interface Outcome {
  readonly value: number;
  readonly count: number;
}

/**
 * A number below `modulus` that chance, or a secret of the kernel, chooses: all that may follow is walked, each with its share. What follows in the
 * rule tells which values come to the same.
 */
export function choiceOf(
  { to, modulus, offset }: { readonly to: number; readonly modulus: number; readonly offset: number },
  expressions: readonly NftExpression[],
  start: number,
  context: NftContext,
): (machine: Machine) => void {
  const outcomes = modulus > maxValues ? null : outcomesOf({ to, modulus, offset }, expressions, start, context);
  if (outcomes === null || outcomes.length > maxOutcomes) return ({ registers }) => registers.setUnknown(to, 4, null);
  const question = { key: null, probabilities: outcomes.map(({ count }) => count / modulus), gap: null };
  return (machine) => {
    const chosen = outcomes[outcomes.length === 1 ? 0 : machine.ask(question)] as Outcome;
    machine.registers.set(to, hostWord(chosen.value, 4, context.littleEndian));
  };
}

export function choiceOp(choose: (machine: Machine) => void): Op {
  return {
    run: (machine) => {
      choose(machine);
      return next;
    },
    asks: true,
    reads: field.none,
    markReads: 0,
    writes: false,
  };
}

function outcomesOf(
  { to, modulus, offset }: { readonly to: number; readonly modulus: number; readonly offset: number },
  expressions: readonly NftExpression[],
  start: number,
  context: NftContext,
): readonly Outcome[] {
  const tell = consumerOf(to, expressions, start, context);
  const scratch = new Registers();
  const found = new Map<unknown, { value: number; count: number }>();
  for (let i = 0; i < modulus; i++) {
    const value = (i + offset) >>> 0;
    scratch.set(to, hostWord(value, 4, context.littleEndian));
    const leads = tell === null ? value : tell(scratch);
    const known = found.get(leads);
    if (known === undefined) found.set(leads, { value, count: 1 });
    else known.count++;
  }
  return [...found.values()];
}

/** What the rule makes of the number, where one comparison or look-up is all that it is for; null: each value may matter. */
function consumerOf(
  to: number,
  expressions: readonly NftExpression[],
  start: number,
  context: NftContext,
): ((registers: Registers) => unknown) | null {
  const before: ((registers: Registers) => void)[] = [];
  let bits = registerBits(to, 4);
  for (let i = start; i < expressions.length; i++) {
    const expression = expressions[i] as NftExpression;
    if (expression.kind === 'bitwise' || expression.kind === 'byteorder') {
      if (expression.from !== to || expression.to !== to || expression.length !== 4) return null;
      before.push(arithmetic(expression, context.littleEndian));
      continue;
    }
    const last = lastConsumer(expression, to, context);
    if (expression.kind === 'lookup' && typeof expression.to === 'number') bits &= ~registerBits(expression.to, 4);
    if (last === null || !isDead(bits, expressions, i + 1, context)) return null;
    return (registers) => {
      for (const step of before) step(registers);
      return last(registers);
    };
  }
  return null;
}

function lastConsumer(expression: NftExpression, from: number, { table }: NftContext): ((registers: Registers) => unknown) | null {
  switch (expression.kind) {
    case 'compare':
      return expression.from === from && expression.value.length <= 4 ? compareTest(expression) : null;
    case 'range':
      return expression.from === from && expression.first.length <= 4 ? rangeTest(expression) : null;
    case 'lookup': {
      const set = table.sets.get(expression.set);
      if (expression.from !== from || set === undefined || set.keyLength > 4 || set.dynamic) return null;
      const lookup = SetLookup.of(set);
      return (registers) => lookup.find(registers, from);
    }
    default:
      return null;
  }
}
