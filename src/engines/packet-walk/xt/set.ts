import type { Match } from '#facts/rule.ts';
import { field, type Op, openTest } from '../op.ts';
import type { RuleContext } from './rule-context.ts';
import { isTold } from './told.ts';

/** xt_set.c: whether the packet is in an ipset. */
export function setOp(match: Extract<Match, { readonly kind: 'set' }>, context: RuleContext): Op {
  return openTest(field.tuple | field.sets, (machine) => {
    const { sets, setIndex } = machine.model;
    const told = (because: string): boolean => isTold(machine, because, context, `set ${match.name}`);
    if (sets.kind === 'missing') return told(`match set ${match.name}: ${sets.source}: ${sets.because}`);
    const set = sets.value.get(match.name);
    if (set === undefined) return told(`ipset ${match.name} is not in ${sets.source}`);
    if (match.counterOptions !== '' || match.returnNomatch)
      return told(`match set with ${match.counterOptions || '--return-nomatch'} is not modelled`);
    const found = setIndex.contains(set, machine.packet, match.directions);
    return found === 'unknown' ? told(setIndex.reason(set) ?? '') : found !== match.negated;
  });
}
