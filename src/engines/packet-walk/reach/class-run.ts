import type { Undecidable, Verdict } from '#facts/packet-walk.ts';
import type { HookProgram } from '../hook-program.ts';
import type { Exploration } from '../machine.ts';
import type { Model } from '../model.ts';
import type { ChainEnd } from '../verdict.ts';
import { defragment, track, translate } from '../way/kernel-members.ts';
import type { Loss } from './chain-memory.ts';
import { Gathering, type PairClass } from './classes.ts';
import { Evaluator, type Outcome } from './evaluate.ts';
import type { Knowledge } from './knowledge.ts';
import { replaced } from './moves.ts';
import type { Rect, Relation } from './relation.ts';
import { Runner } from './run-unit.ts';
import { gapKey, type State } from './state.ts';
import type { Spot, Unit, Work } from './unit.ts';
import { stepUnit } from './units.ts';
import { Unsupported } from './unsupported.ts';

/** One way that pairs can end; a pair may have several. */
export interface Ending {
  readonly request: Verdict;
  /** Null: the request was lost, or nobody replies. */
  readonly reply: Verdict | null;
  readonly loss: Loss | null;
  /** What the kernel itself did, where no rule lost it. */
  readonly kernel: string | null;
  readonly gaps: readonly Undecidable[];
  readonly asked: readonly Undecidable[];
  readonly reordered: boolean;
}

/** Pairs of endpoints. */
export interface EndedPairs {
  readonly ending: Ending;
  readonly pairs: Relation;
}

const verdicts = { accept: 'delivered', drop: 'dropped', reject: 'rejected', undecided: 'undecided' } as const;
/** Rules looked at for classes; more are a loop, or too many open questions. */
const maxRules = 20_000_000;

/** All classes of one family and protocol on their way through the node. */
export class ClassRun {
  readonly knows: Knowledge;
  readonly runner: Runner;
  readonly model: Model;
  readonly kernelSteps = kernelSteps();
  program: HookProgram | null = null;
  readonly #evaluator: Evaluator;
  readonly #endings = new Map<string, { readonly ending: Ending; readonly pairs: Rect[] }>();
  #rules = 0;

  constructor(model: Model, exploration: Exploration, knows: Knowledge) {
    const { sides, states, ends } = knows;
    this.model = model;
    this.knows = knows;
    this.runner = new Runner(model, exploration, states, ends);
    this.#evaluator = new Evaluator(sides, this.runner, states);
  }

  evaluate<R>(unit: Unit<R>, each: PairClass, spot: Spot): readonly Outcome<R>[] {
    return this.#evaluator.evaluate(unit, each, spot);
  }

  /** Classes after a step of the kernel; those that it ends are lost. */
  step(work: Work<ChainEnd | null>, classes: readonly PairClass[]): readonly PairClass[] {
    const passed = new Gathering();
    for (const { result, ...each } of this.steps(work, classes)) {
      if (result === null || result === 'accept') passed.add(each);
      else this.lose(each, result, null);
    }
    return passed.take();
  }

  steps<R>(work: Work<R>, classes: readonly PairClass[]): readonly Outcome<R>[] {
    const unit = this.knows.units.step(work);
    const spot: Spot = { program: this.program, chain: null, position: 0 };
    return classes.flatMap((each) => this.evaluate(unit, each, spot));
  }

  change({ state, pairs }: PairClass, changes: Partial<Omit<State, 'id'>>): PairClass {
    return { state: this.knows.states.with(state, changes), pairs };
  }

  withGap(each: PairClass, gap: Undecidable): PairClass {
    const key = gapKey(gap);
    return each.state.gaps.has(key) ? each : this.change(each, { gaps: new Map([...each.state.gaps, [key, gap]]) });
  }

  count(): void {
    if (++this.#rules > maxRules) throw new Unsupported('too many rules looked at');
  }

  usedRegisters(): boolean {
    const { machine } = this.runner;
    const used = machine.usedRegisters;
    machine.usedRegisters = false;
    return used;
  }

  itemCount(): number {
    return this.knows.sides.x.items.length + this.knows.sides.y.items.length;
  }

  /** The leg that the class is on ends here. */
  lose(each: PairClass, end: ChainEnd, loss: Loss | null, kernel: string | null = null): void {
    const verdict = each.state.gaps.size === 0 ? verdicts[end] : 'undecided';
    if (each.state.plain.leg === 'request') this.end(each, { request: verdict, reply: null, loss, kernel });
    else this.end(each, { request: 'delivered', reply: verdict, loss, kernel });
  }

  end({ state, pairs }: PairClass, { request, reply, loss, kernel }: Pick<Ending, 'request' | 'reply' | 'loss' | 'kernel'>): void {
    const place =
      loss === null
        ? ''
        : `${loss.chain.table.backend} ${loss.chain.table.family} ${loss.chain.table.name} ${loss.chain.name} ${loss.rule?.index}`;
    const key = `${request} ${reply} ${place} ${kernel} ${state.reordered}|${[...state.gaps.keys()]}|${[...state.asked.keys()]}`;
    let known = this.#endings.get(key);
    if (known === undefined) {
      const ending = {
        request,
        reply,
        loss,
        kernel,
        gaps: [...state.gaps.values()],
        asked: [...state.asked.values()],
        reordered: state.reordered,
      };
      known = { ending, pairs: [] };
      this.#endings.set(key, known);
    }
    known.pairs.push(...this.endpointsOf(pairs));
  }

  endpointsOf(pairs: Relation): Relation {
    const { x, y } = this.knows.sides;
    return replaced(replaced(pairs, 'x', x.endpoints), 'y', y.endpoints);
  }

  get endings(): readonly EndedPairs[] {
    return [...this.#endings.values()];
  }
}

const translated = stepUnit<ChainEnd | null>((machine) => translate(machine));

/** What they do depends on which rules there are, but for the last: one run's own. */
const kernelSteps = () => ({
  defragment: stepUnit<ChainEnd | null>((machine) => defragment(machine)),
  track: stepUnit<ChainEnd | null>((machine) => track(machine)),
  translate: translated,
});
