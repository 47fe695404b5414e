import type { Machine } from '../machine.ts';
import { maxDepth } from '../run-rule.ts';
import type { Stand } from '../series.ts';
import type { Fan } from './fan.ts';
import { record } from './record.ts';
import type { Segment } from './segment.ts';
import type { SegmentTree } from './segment-tree.ts';

/**
 * What the rules from where the machine stands do to packets like its own, learnt where it was not known. Null: the rule there has to be run. `from`: where it
 * stands in a series; null: in no such.
 */
export function passTree(tree: SegmentTree, machine: Machine, from: Stand | null): Segment | Fan | null {
  machine.beginRule(false);
  machine.isInSegment = true;
  const found = tree.find(machine) ?? learn(tree, machine, from);
  const isUsable = found !== null && !machine.hasStrayed && found.rules > 0 && (machine.caller?.depth ?? 0) + found.depth <= maxDepth;
  // What was asked is asked again by the rules.
  if (!isUsable) machine.beginAgain();
  machine.isInSegment = false;
  machine.hasStrayed = false;
  machine.endRule();
  if (!isUsable) return null;
  machine.exploration.budget -= found.rules;
  return found;
}

function learn(tree: SegmentTree, machine: Machine, from: Stand | null): Segment | Fan | null {
  const { segments } = machine.model;
  if (segments.left <= 0 || machine.hasStrayed) return null;
  const recorded = record(machine, from);
  segments.left -= tree.add(recorded);
  return recorded.segment;
}
