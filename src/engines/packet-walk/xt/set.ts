import type { Match } from '#facts/rule.ts';
import { field, type Op, openTest } from '../op.ts';
import type { RuleContext } from './rule-context.ts';
import { isTold } from './told.ts';

/** xt_set.c: whether the packet is in an ipset. A look-up that the kernel refuses is a no, which `!` makes a yes. */
export function setOp({ name, negated, ...match }: Extract<Match, { readonly kind: 'set' }>, context: RuleContext): Op {
  const { directions, returnNomatch } = match;
  const query = { directions, returnNomatch, looksAtCounters: /--(packets|bytes)-/.test(match.counterOptions) };
  const op = openTest(field.tuple | field.sets, (machine) => {
    const found = machine.model.setIndex.contains(name, query, machine);
    return typeof found === 'string' ? isTold(machine, found, context, `set ${name}`) : found !== negated;
  });
  return { ...op, ignoresDestination: directions.every((each) => each === 'src') };
}
