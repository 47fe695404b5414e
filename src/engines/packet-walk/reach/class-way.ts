import type { Hook } from '#facts/rule.ts';
import { beginRequest } from '../begin.ts';
import type { LegRun } from '../leg-run.ts';
import type { Exploration } from '../machine.ts';
import type { ChainEnd } from '../verdict.ts';
import { onward } from '../way/forward.ts';
import { forwards } from '../way/forwarding.ts';
import { routeStage } from '../way/input-route.ts';
import { loopBack } from '../way/loop-back.ts';
import { outputStage } from '../way/output.ts';
import { comesIn } from '../way/prerouting.ts';
import { beginReply } from '../way/reply.ts';
import { checkArrivalDestination6, checkArrivalSource6 } from '../way/source-checks.ts';
import type { Next, StageName } from '../way/stage.ts';
import { runProgram } from './class-hook.ts';
import { routeClasses, turning } from './class-route.ts';
import type { ClassRun } from './class-run.ts';
import { Gathering, type PairClass } from './classes.ts';
import type { Relation } from './relation.ts';
import type { SeenMachine } from './seen-machine.ts';
import { checkUnit, lostAs, lostMark, stepUnit, testUnit } from './units.ts';
import { Unsupported } from './unsupported.ts';

/** Later stages wait for earlier ones, so that what can come together does; what loops back by `lo` goes round again. */
const order: readonly StageName[] = [
  'output',
  'output-hook',
  'arrival',
  'prerouting',
  'route',
  'forward',
  'forward-hook',
  'input',
  'deliver',
  'postrouting',
];

type Waiting = Map<StageName, Gathering>;

/** Classes on their way: those of requests, and of replies, which begin when all requests are through. */
export class ClassWay {
  readonly #run: ClassRun;
  readonly #requests: Waiting = new Map();
  readonly #replies: Waiting = new Map();
  /** Pairs of endpoints that have to be walked one by one. */
  readonly unsupported: { readonly pairs: Relation; readonly because: string }[] = [];

  constructor(run: ClassRun) {
    this.#run = run;
  }

  /** From the beginning, by whatever interface each source arrives. */
  begin(start: PairClass, exploration: Exploration): void {
    this.#follow(beginUnit(exploration), [start]);
    this.#drain(this.#requests);
    this.#drain(this.#replies);
  }

  #drain(waiting: Waiting): void {
    for (let at = 0; at < order.length; ) {
      const name = order[at] as StageName;
      const classes = waiting.get(name)?.take() ?? [];
      if (classes.length === 0) {
        at++;
        continue;
      }
      this.#stageOrEach(name, classes);
      at = 0;
    }
  }

  #stageOrEach(name: StageName, classes: readonly PairClass[]): void {
    try {
      this.#stage(name, classes);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      if (classes.length > 1) for (const each of classes) this.#stageOrEach(name, [each]);
      else for (const { pairs } of classes) this.unsupported.push({ pairs: this.#run.endpointsOf(pairs), because: error.message });
    }
  }

  #put(name: StageName, each: PairClass): void {
    const waiting = each.state.plain.leg === 'request' ? this.#requests : this.#replies;
    let here = waiting.get(name);
    if (here === undefined) {
      here = new Gathering();
      waiting.set(name, here);
    }
    here.add(each);
  }

  #stage(name: StageName, classes: readonly PairClass[]): void {
    const run = this.#run;
    switch (name) {
      case 'arrival':
        return this.#arrival(classes);
      case 'bridge':
      case 'bridged-forward':
      case 'bridged-postrouting':
        throw new Unsupported('bridged frames');
      case 'prerouting':
        return this.#hook('prerouting', classes, 'route');
      case 'route':
        return this.#route(classes);
      case 'forward':
        return this.#forward(this.#checked(forwardsUnit, classes));
      case 'forward-hook':
        return this.#hook('forward', classes, 'postrouting');
      case 'input':
        if (run.model.routing.hasIpvs !== false) throw new Unsupported('IPVS');
        return this.#arrive(this.#through('input', classes), localUnit);
      case 'deliver':
        return this.#arrive(classes, localUnit);
      case 'output':
        return this.#follow(outputUnit, classes);
      case 'output-hook':
        return this.#follow(outputEndUnit, this.#through('output', classes));
      case 'postrouting':
        return this.#leave(this.#through('postrouting', classes));
      default:
        return name satisfies never;
    }
  }

  #arrival(classes: readonly PairClass[]): void {
    const came = this.#run.steps(arrivalUnit, classes);
    for (const each of came) if (each.result !== 'prerouting') this.#went(each.result, each);
    const inside = came.filter(({ result }) => result === 'prerouting');
    for (const each of this.#checked(destination6Unit, this.#checked(source6Unit, inside))) this.#put('prerouting', each);
  }

  #route(classes: readonly PairClass[]): void {
    for (const [, own] of Map.groupBy(classes, ({ state }) => state.plain.leg)) {
      const { odd, input, forward } = routeClasses(own, this.#run, (unit, some) => this.#checked(unit, some));
      for (const each of input) this.#put('input', each);
      for (const each of forward) this.#put('forward', each);
      this.#follow(routeUnit, odd);
    }
  }

  #went(result: string, each: PairClass): void {
    if (result.startsWith(lostMark)) this.#lose(each, result);
    else this.#put(result as StageName, each);
  }

  #hook(hook: Hook, classes: readonly PairClass[], then: StageName): void {
    for (const each of this.#through(hook, classes)) this.#put(then, each);
  }

  #through(hook: Hook, classes: readonly PairClass[]): readonly PairClass[] {
    const families = Map.groupBy(classes, ({ state }) => state.plain.family);
    return [...families].flatMap(([family, own]) => runProgram(this.#run.model.hooks.program(family, hook), own, this.#run));
  }

  /** Whether packets turn round is of both sides of a pair: those that do are told apart before. */
  #forward(classes: readonly PairClass[]): void {
    const { back, others } = turning(classes, this.#run);
    this.#follow(onwardUnit, others);
    this.#follow(turningUnit, back);
  }

  #follow(unit: typeof arrivalUnit, classes: readonly PairClass[]): void {
    for (const each of this.#run.steps(unit, classes)) this.#went(each.result, each);
  }

  #checked(unit: typeof arrivalUnit, classes: readonly PairClass[]): readonly PairClass[] {
    return this.#run.steps(unit, classes).flatMap(({ result, ...each }) => {
      if (!result.startsWith(lostMark)) return [each];
      this.#lose(each, result);
      return [];
    });
  }

  #lose(each: PairClass, result: string): void {
    const [end, kernel] = result.slice(lostMark.length).split('\n');
    this.#run.lose(each, end as ChainEnd, null, kernel || null);
  }

  #leave(classes: readonly PairClass[]): void {
    const left = this.#run.steps(leaveUnit, classes);
    const by = (result: string): readonly PairClass[] => left.filter((each) => each.result === result);
    this.#follow(loopUnit, by('lo'));
    this.#arrive(by('out'), leftUnit);
  }

  /** The leg is through: where it was the request, its receiver replies. */
  #arrive(classes: readonly PairClass[], reply: typeof arrivalUnit): void {
    for (const each of classes) {
      if (each.state.plain.leg === 'reply' || each.state.gaps.size > 0) this.#run.lose(each, 'accept', null);
      else if (each.state.isForMany) this.#run.end(each, { request: 'delivered', reply: null, loss: null, kernel: null });
      else
        for (const { result, ...begun } of this.#run.steps(reply, [each])) {
          if (result === 'none') this.#run.end(begun, { request: 'delivered', reply: null, loss: null, kernel: null });
          else this.#put(result as StageName, begun);
        }
    }
  }
}

const endOf = { delivered: 'accept', dropped: 'drop', rejected: 'reject', undecided: 'undecided' } as const;

function stageUnit(stage: (machine: SeenMachine) => Next) {
  return stepUnit((machine) => {
    machine.request = null;
    machine.reply = null;
    machine.gaps = null;
    machine.said = '';
    const next = stage(machine);
    if (next !== null) return next as string;
    const leg = (machine.request ?? machine.reply) as LegRun | null;
    return lostAs(leg === null ? 'undecided' : endOf[leg.verdict], machine);
  });
}

const arrivalUnit = stageUnit(comesIn);
const source6Unit = checkUnit(checkArrivalSource6);
const destination6Unit = checkUnit(checkArrivalDestination6);
const routeUnit = stageUnit(routeStage);
const forwardsUnit = checkUnit(forwards);
const onwardUnit = stageUnit((machine) => onward(machine, false));
const turningUnit = stageUnit((machine) => onward(machine, true));
const outputUnit = stageUnit(outputStage);
const outputEndUnit = stageUnit((machine) => {
  machine.packet.outInterface = machine.routed;
  return 'postrouting';
});
const leaveUnit = testUnit<string>((machine) => (machine.packet.outInterface === 'lo' ? 'lo' : 'out'));
const loopUnit = stepUnit((machine) => loopBack(machine) as string);
const leftUnit = stepUnit((machine) => (beginReply(machine, machine.packet.outInterface) as string | null) ?? 'none');
const localUnit = stepUnit((machine) => (beginReply(machine, 'local') as string | null) ?? 'none');

/** An item whose interface is set arrives there; others where the walk would have them arrive. */
function beginUnit(exploration: Exploration) {
  return stepUnit((machine) => {
    const { packet, model } = machine;
    const probe = {
      ...exploration.probe,
      from: packet.source.address,
      to: packet.destination.address,
      inInterface: packet.inInterface || null,
      fromPort: null,
      toPort: null,
    };
    const begun = beginRequest(model, { ...exploration, probe }, probe);
    if (begun.stage === null) {
      for (let each = begun.request?.gaps ?? null; each !== null; each = each.earlier) machine.addGap(each.gap);
      return `${lostMark}${begun.request === null ? 'undecided' : endOf[begun.request.verdict]}\n`;
    }
    packet.inInterface = begun.packet.inInterface;
    packet.fromSocket = begun.packet.fromSocket;
    return begun.stage as string;
  });
}
