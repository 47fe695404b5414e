import type { Probe } from '#facts/packet-walk.ts';
import { beginRequest } from './begin.ts';
import { join } from './join.ts';
import type { Way } from './leg-run.ts';
import type { Exploration, Machine } from './machine.ts';
import type { Model } from './model.ts';
import { addSiblings } from './siblings.ts';
import { partAtRoute } from './way/part-at-route.ts';
import { stages } from './way/stages.ts';

/** More ways than this, or more rules looked at on all of them: the walk is undecided. */
export const maxWays = 2048;
const maxRules = 10_000_000;

export interface Explored {
  readonly ways: readonly Way[];
  /** False: the bound was reached, and not all ways were walked. */
  readonly complete: boolean;
}

/** Walks every way that the open questions leave. */
export function explore(model: Model, probe: Probe, whole: boolean): Explored {
  const exploration: Exploration = { probe, waiting: [], whole, budget: maxRules, noted: 0 };
  const ways: Way[] = [];
  // Without steps to keep apart, ways that are alike once they are routed are walked on as one.
  const routed: Machine[] = [];
  const next = (): Machine | undefined => exploration.waiting.pop() ?? routed.pop();
  let machine: Machine | undefined = beginRequest(model, exploration, probe);
  for (; machine !== undefined && ways.length < maxWays; machine = next()) {
    const joins = !whole && !machine.isRouted;
    while (machine.stage !== null && !(joins && (machine.stage === 'forward' || machine.stage === 'input'))) {
      if (machine.siblings.length > 0 && machine.stage !== 'prerouting' && !machine.isRouted) partAtRoute(machine);
      machine.stage = stages[machine.stage](machine);
    }
    if (machine.stage === null) {
      ways.push(machine);
      if (machine.siblings.length > 0) addSiblings(machine, ways);
    } else join(machine, routed);
  }
  return { ways, complete: machine === undefined && exploration.budget >= 0 };
}
