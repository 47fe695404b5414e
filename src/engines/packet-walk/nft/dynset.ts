import type { NftExpression, NftSet } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { type Code, fail, field, next, type Op } from '../op.ts';
import type { NftContext } from './context.ts';
import { SetLookup } from './set-lookup.ts';
import { isTold } from './told.ts';
import { unknownOp } from './unmodelled.ts';

type Dynset = Extract<NftExpression, { readonly kind: 'dynset' }>;

const idle: ReadonlySet<NftExpression['kind']> = new Set(['counter', 'last']);

/**
 * A rule that changes a set (nft_dynset_eval in net/netfilter/nft_dynset.c). It goes on where the element is there afterwards: always, unless the set
 * is full, or limits and counts on the element say no. Later look-ups in the set are open.
 */
export function dynsetOp(expression: Dynset, { table }: NftContext): Op {
  const set = table.sets.get(expression.set);
  if (set === undefined) return unknownOp(`set ${expression.set} is not in the snapshot`);
  const decides = expression.expressions.some(({ kind }) => !idle.has(kind));
  const run = (machine: Machine): Code => {
    const holds = expression.op === 'delete' || decide(expression, set, decides, machine);
    if (!machine.changedSets.includes(set.name)) machine.changedSets = [...machine.changedSets, set.name];
    machine.wrote(field.sets);
    return holds ? next : fail;
  };
  return { run, asks: true, reads: field.sets, markReads: 0, writes: true };
}

function decide({ key, negated }: Dynset, set: NftSet, decides: boolean, machine: Machine): boolean {
  const open = decides || mayBeFull(set, key, machine);
  return open ? isTold(machine, null, set.name) : !negated;
}

/** What the kernel takes where no size is told (nft_dynset_init). */
const usualSize = 0xffff;
/** Room for what the snapshot does not show: elements that rules of this way add, and expired ones that were not collected yet. */
const margin = 1000;

/** A set that is full takes no new element; one that is there needs no room (nft_dynset_new). */
function mayBeFull(set: NftSet, key: number, { registers, changedSets }: Machine): boolean {
  const found = registers.isKnown(key, set.keyLength) ? SetLookup.of(set).find(registers, key) : null;
  const changed = changedSets.includes(set.name);
  if (found !== null && found.expires === null && !changed) return false;
  return set.elementCount + (changed || set.timeout ? margin : 0) >= (set.size ?? usualSize);
}
