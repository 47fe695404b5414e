import type { Machine } from '../machine.ts';
import type { Fan } from './fan.ts';
import { fanOf } from './fan-of.ts';
import { Node } from './node.ts';
import type { Recorded } from './record.ts';
import type { Segment } from './segment.ts';
import { isSameStep, type Step, take } from './step.ts';

/** A fan is looked for whenever a packet comes to its node again, and given up after so many. */
const triesFan = 8;

/** The runs of rules that begin at one rule: which steps tell them apart, in the order in which rules take them. */
export class SegmentTree {
  #root: Node | undefined;

  /** Takes the steps over the machine's packet. Undefined: no packet like it has come here. */
  find(machine: Machine): Segment | Fan | undefined {
    let node = this.#root;
    while (node !== undefined) {
      const { step } = node;
      if (step === null) return node.segment ?? undefined;
      if (node.fan !== null) {
        const fan = fanAt(node, node.fan);
        if (fan?.fits(machine)) return fan;
      }
      node = node.after(take(step, machine));
      // The rules are to run: what else is asked here, or where a fan sends the packet, would be of another way.
      if (machine.hasStrayed) return undefined;
    }
    return undefined;
  }

  /** Returns how many nodes that took. */
  add({ steps, said, segment }: Recorded): number {
    let size = 0;
    let above: Node | null = null;
    let node = this.#root;
    const put = (made: Node, answer: unknown): Node => {
      size++;
      if (above === null) this.#root = made;
      else above.put(answer, made);
      return made;
    };
    for (const [i, step] of steps.entries()) {
      // Where a rule was found to be none for segments, what ran through it before goes.
      const known: Node | undefined = node;
      above =
        known?.step != null && isSameStep(known.step, step) ? known : put(new Node(step, null, mayFan(step, steps[i - 1])), said[i - 1]);
      node = above.after(said[i]);
    }
    put(new Node(null, segment, false), said.at(-1));
    return size;
  }
}

/** At a step of chance, and, sooner, where an index has found the rules of a service. */
function mayFan(step: Step, before: Step | undefined): boolean {
  return (step.kind === 'test' && step.op.chance !== undefined) || before?.kind === 'index';
}

function fanAt(node: Node, fan: Fan | number): Fan | null {
  if (typeof fan !== 'number') return fan;
  if (fan > triesFan) return null;
  node.fan = fanOf(node) ?? fan + 1;
  return typeof node.fan === 'number' ? null : node.fan;
}
