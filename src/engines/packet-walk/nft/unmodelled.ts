import { fail, field, next, type Op } from '../op.ts';
import { verdictOp } from '../xt/target.ts';
import { isTold } from './told.ts';

/** Expressions that at most let the rule fail and put something into registers, whatever else they say. */
const harmless: ReadonlySet<string> = new Set([
  'osf',
  'tunnel',
  'xfrm',
  'inner',
  'fib',
  'rt',
  'socket',
  'hash',
  'numgen',
  'cmp',
  'range',
  'limit',
  'quota',
  'connlimit',
  'counter',
  'last',
  'log',
]);

/** An expression that is known by its name only: what it may put into registers is not known from here on. */
export function unmodelledOp(name: string, because: string): Op {
  const reason = `${name} is not modelled: ${because}`;
  if (!harmless.has(name) && !name.startsWith('match ')) return verdictOp({ kind: 'undecided', because: reason });
  const asked = unknownOp(reason);
  return {
    ...asked,
    run: (machine) => {
      machine.registers.setUnknown(0, 64, reason);
      return asked.run(machine);
    },
  };
}

/** Whether the rule goes on is not known: both are walked. */
export function unknownOp(because: string): Op {
  return {
    run: (machine) => (isTold(machine, because, because) ? next : fail),
    asks: true,
    reads: field.none,
    markReads: 0,
    writes: false,
  };
}

/** Chance, or state that no snapshot holds, decides whether the rule goes on. */
export const chanceOp: Op = {
  run: (machine) => (isTold(machine, null, 'chance') ? next : fail),
  asks: true,
  reads: field.none,
  markReads: 0,
  writes: false,
};
