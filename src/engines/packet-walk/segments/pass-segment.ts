import type { Learnt, WalkChain } from '../chain.ts';
import type { Machine } from '../machine.ts';
import type { Model } from '../model.ts';
import { maxDepth } from '../run-rule.ts';
import type { ChainEnd } from '../verdict.ts';
import type { Fan } from './fan.ts';
import { record } from './record.ts';
import { doSegment, type Segment } from './segment.ts';
import { SegmentTree } from './segment-tree.ts';

/**
 * Does to the machine's packet what the rules from where it stands do, as learnt from packets like it. Returns how the base chain ended; null: the machine goes
 * on where it now stands; `unknown`: the rule there has to be run.
 */
export function passSegment(chain: WalkChain, machine: Machine): ChainEnd | null | 'unknown' {
  const { position } = machine;
  if (position >= chain.ruleCount || chain.compiled[position]?.isOpen === true || machine.changedSets.length > 0) return 'unknown';
  const { trees } = learntOf(chain, machine.model);
  const tree = trees[position];
  if (!(tree instanceof SegmentTree)) {
    trees[position] = (tree ?? 0) >= machine.model.segments.after ? new SegmentTree() : (tree ?? 0) + 1;
    return 'unknown';
  }
  machine.beginRule(false);
  machine.isInSegment = true;
  const found = tree.find(machine) ?? learn(tree, machine);
  const isUsable = found !== null && !machine.hasStrayed && found.rules > 0 && (machine.caller?.depth ?? 0) + found.depth <= maxDepth;
  // What was asked is asked again by the rules.
  if (!isUsable) machine.beginAgain();
  machine.isInSegment = false;
  machine.hasStrayed = false;
  machine.endRule();
  if (!isUsable) return 'unknown';
  machine.exploration.budget -= found.rules;
  return found.isFan ? 'accept' : doSegment(found, machine);
}

function learntOf(chain: WalkChain, model: Model): Learnt {
  if (chain.learnt?.of !== model.segments) chain.learnt = { of: model.segments, trees: [] };
  return chain.learnt;
}

function learn(tree: SegmentTree, machine: Machine): Segment | Fan | null {
  const { segments } = machine.model;
  if (segments.left <= 0 || machine.hasStrayed) return null;
  const recorded = record(machine);
  segments.left -= tree.add(recorded);
  return recorded.segment;
}
