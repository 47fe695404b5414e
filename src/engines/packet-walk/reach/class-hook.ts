import type { Group, HookProgram, Member } from '../hook-program.ts';
import { isBound, skipsNat } from '../nat-point.ts';
import type { ChainEnd } from '../verdict.ts';
import { reroute } from '../way/kernel-members.ts';
import { subtract } from './by-rows.ts';
import { runBase } from './class-chain.ts';
import type { ClassRun } from './class-run.ts';
import { Gathering, type PairClass } from './classes.ts';
import type { SeenMachine } from './seen-machine.ts';
import type { State } from './state.ts';
import { stepUnit } from './units.ts';
import { Unsupported } from './unsupported.ts';

/** All that runs at one hook over classes of pairs; gives back those that pass. */
export function runProgram(program: HookProgram, classes: readonly PairClass[], run: ClassRun): readonly PairClass[] {
  const both = program.otherwise === null ? [program] : [program, program.otherwise];
  const passed = new Gathering();
  for (const one of both) {
    let here: readonly PairClass[] = classes.map((each) => one.gaps.reduce((found, gap) => run.withGap(found, gap), each));
    run.program = one;
    for (const group of one.groups) here = runGroup(group, here, run);
    passed.addAll(here);
  }
  run.program = null;
  return passed.take();
}

/** Every order in which the members may run is run; what another order does not do otherwise is forgotten. */
function runGroup(group: Group, classes: readonly PairClass[], run: ClassRun): readonly PairClass[] {
  const skipped = group.nat ? classes.filter(({ state }) => skipsNat({ packet: state.plain, ...state }) || isBoundIn(state, run)) : [];
  const through = group.nat ? classes.filter((each) => !skipped.includes(each)) : classes;
  const passed = new Gathering();
  passed.addAll(skipped);
  if (through.length === 0) return passed.take();
  passed.addAll(runMembers(group.members, group.nat, through, run));
  if (group.members.length > 1) {
    if (group.otherOrders === null) throw new Unsupported('many hooks of one priority');
    const again = through.map(({ state, pairs }) => ({ state: run.knows.states.inOrder(state, true), pairs }));
    for (const order of group.otherOrders) passed.addAll(runMembers(order, group.nat, again, run));
    return withoutRepeats(passed.take(), run);
  }
  return passed.take();
}

function runMembers(members: readonly Member[], nat: boolean, classes: readonly PairClass[], run: ClassRun): readonly PairClass[] {
  const done = new Gathering();
  let here = classes;
  for (const member of members) {
    here = runMember(member, here, run);
    if (!nat) continue;
    const bound = here.filter(({ state }) => isBoundIn(state, run));
    done.addAll(bound);
    here = here.filter((each) => !bound.includes(each));
  }
  done.addAll(here);
  return done.take();
}

const isBoundIn = (state: State, { program }: ClassRun): boolean => program !== null && isBound({ hook: program.hook, packet: state });

/** Pairs that another order has brought to where the first order brings them too. */
function withoutRepeats(classes: readonly PairClass[], run: ClassRun): readonly PairClass[] {
  const first = new Map(classes.filter(({ state }) => !state.reordered).map((each) => [each.state.id, each.pairs]));
  return classes.flatMap((each) => {
    if (!each.state.reordered) return [each];
    const same = first.get(run.knows.states.inOrder(each.state, false).id);
    const pairs = same === undefined ? each.pairs : subtract(each.pairs, same);
    return pairs.length === 0 ? [] : [{ state: each.state, pairs }];
  });
}

function runMember(member: Member, classes: readonly PairClass[], run: ClassRun): readonly PairClass[] {
  if (member.kind !== 'chain') return run.step(run.kernelSteps[member.kind], classes);
  if (!member.reroutes) return runBase(member.base, classes, run);
  const passed = new Gathering();
  for (const each of classes) {
    const ends = run.itemCount();
    const found = runBase(member.base, [each], run);
    if (run.itemCount() !== ends) throw new Unsupported('a chain of type route rewrites addresses');
    const { mark, tos, ttl, untold } = each.state.plain;
    const step = stepUnit<ChainEnd | null>((machine: SeenMachine) => {
      const { packet } = machine;
      return reroute({ mark, tos, ttl, untold, source: packet.source, destination: packet.destination }, machine);
    });
    passed.addAll(run.step(step, found));
  }
  return passed.take();
}
