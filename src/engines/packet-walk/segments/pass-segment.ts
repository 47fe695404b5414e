import type { WalkChain } from '../chain.ts';
import type { Machine } from '../machine.ts';
import type { Segments } from '../model.ts';
import type { ChainEnd } from '../verdict.ts';
import { doRun } from './do-run.ts';
import { passTree } from './pass-tree.ts';
import { SegmentTree } from './segment-tree.ts';

/**
 * Does to the machine's packet what the rules from where it stands do, as learnt from packets like it. Returns how the base chain ended; null: the machine goes
 * on where it now stands; `unknown`: the rule there has to be run.
 */
export function passSegment(chain: WalkChain, machine: Machine): ChainEnd | null | 'unknown' {
  const { position } = machine;
  if (position >= chain.ruleCount || chain.compiled[position]?.isOpen === true || machine.changedSets.length > 0) return 'unknown';
  if (position === 0 && beginsSeries(chain, machine)) return 'unknown';
  const trees = treesOf(chain, machine.model.segments);
  const tree = trees[position];
  if (!(tree instanceof SegmentTree)) {
    trees[position] = (tree ?? 0) >= machine.model.segments.after ? new SegmentTree() : (tree ?? 0) + 1;
    return 'unknown';
  }
  const found = passTree(tree, machine, null);
  if (found === null) return 'unknown';
  return doRun(found, machine);
}

/** There `passSeries` learns, once enough packets have come. */
function beginsSeries(chain: WalkChain, { program, group, member, caller }: Machine): boolean {
  return member === 0 && caller === null && program?.series[group]?.places[0]?.base === chain;
}

function treesOf(chain: WalkChain, { trees }: Segments): (SegmentTree | number | undefined)[] {
  const known = trees.get(chain);
  if (known !== undefined) return known;
  const made: (SegmentTree | number | undefined)[] = [];
  trees.set(chain, made);
  return made;
}
