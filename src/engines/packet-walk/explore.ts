import type { Probe } from '#facts/packet-walk.ts';
import { beginRequest } from './begin.ts';
import type { Exploration, Machine } from './machine.ts';
import type { Model } from './model.ts';
import { stages } from './way/stages.ts';

/** More ways than this, or more rules looked at on all of them: the walk is undecided. */
const maxWays = 2048;
const maxRules = 10_000_000;

export interface Explored {
  readonly ways: readonly Machine[];
  /** False: the bound was reached, and not all ways were walked. */
  readonly complete: boolean;
}

/** Walks every way that the open questions leave. */
export function explore(model: Model, probe: Probe, traces: boolean): Explored {
  const exploration: Exploration = { probe, waiting: [], traces, budget: maxRules, noted: 0 };
  const ways: Machine[] = [];
  let machine: Machine | undefined = beginRequest(model, exploration, probe);
  while (machine !== undefined && ways.length < maxWays) {
    while (machine.stage !== null) machine.stage = stages[machine.stage](machine);
    ways.push(machine);
    machine = exploration.waiting.pop();
  }
  return { ways, complete: machine === undefined && exploration.budget >= 0 };
}
