import type { WalkChain } from './chain.ts';
import type { Group, HookProgram, Member } from './hook-program.ts';
import { hasSiblingsOf, sameGateway, samePacket } from './join.ts';
import type { Machine } from './machine.ts';
import { isBound, skipsNat } from './nat-point.ts';
import { evenUnknown } from './question.ts';
import { runBaseChain } from './run-chain.ts';
import { passSeries } from './segments/pass-series.ts';
import { clear, type Touched, untouched } from './touched.ts';
import type { ChainEnd } from './verdict.ts';
import { defragment, reroute, track, translate } from './way/kernel-members.ts';

/**
 * All that runs at one hook, from where the machine stands. Hooks of equal priority run in an order that no dump shows (the last registered first,
 * nf_hook_entries_grow): the machine watches what each reads and writes, and splits where another order could end otherwise.
 */
export function runHook(program: HookProgram, machine: Machine): ChainEnd {
  if (machine.program === null) enter(program, machine);
  const { groups } = machine.program ?? program;
  for (let group = groups[machine.group]; group !== undefined; group = groups[machine.group]) {
    const end = passSeries(machine) ?? runGroup(groups[machine.group] as Group, machine);
    if (end !== 'accept') return end;
    machine.group++;
    openGroup(machine);
  }
  machine.program = null;
  return 'accept';
}

function enter(program: HookProgram, machine: Machine): void {
  const { otherwise, hook, gaps } = program;
  machine.program = otherwise === null || isAsWritten(hook, machine) ? program : otherwise;
  machine.group = 0;
  machine.stand = null;
  for (const gap of gaps) machine.addGap(gap);
  openGroup(machine);
}

/** Which of the nat point and a chain of its very priority came first. */
function isAsWritten(hook: string, machine: Machine): boolean {
  const key = `${machine.packet.leg} ${machine.packet.inInterface} ${hook} nat`;
  return machine.ask({ key, probabilities: evenUnknown, gap: null }) === 0;
}

function openGroup(machine: Machine): void {
  machine.member = 0;
  machine.order = null;
  machine.orderIsAsked = false;
  machine.beforeGroup = null;
  machine.touchedBefore = [];
}

function runGroup(group: Group, machine: Machine): ChainEnd {
  if (group.nat && (skipsNat(machine) || isBound(machine))) return 'accept';
  const several = group.otherOrders === null || group.otherOrders.length > 0;
  if (several && machine.beforeGroup === null) machine.beforeGroup = machine.copy();
  const members = machine.order ?? group.members;
  for (; machine.member < members.length; machine.member++) {
    if (machine.chain === null && machine.routesAgain === null) {
      // Only an order that may matter is looked at again.
      if (several) machine.touched = untouched();
      else clear(machine.touched);
    }
    const end = runMember(members[machine.member] as Member, machine);
    machine.touched.mark = machine.packet.mark;
    if (several) machine.touchedBefore = [...machine.touchedBefore, machine.touched];
    if (end !== 'accept' || (group.nat && isBound(machine))) {
      if (several) settleOrder(group, end, machine, () => couldEndOtherwise(members, end, group.nat, machine));
      return end;
    }
  }
  if (several) settleOrder(group, 'accept', machine, () => disturb(machine.touchedBefore));
  return 'accept';
}

function settleOrder(group: Group, end: ChainEnd, machine: Machine, matters: () => boolean): void {
  if (machine.orderIsAsked || machine.beforeGroup === null || machine.tries) return;
  // Another way from the same beginning has asked already: the other order walks this one's ways, too.
  if (machine.beforeGroup.ordersSplit) return askOrder(group, machine);
  if (matters() && !group.otherOrders?.every((order) => endsAlike(order, group, end, machine))) askOrder(group, machine);
  else machine.passGroup(machine.beforeGroup, group.members);
}

/** Whether the members in this order, from where the group began, bring the packet to the same end in the same state. */
function endsAlike(order: readonly Member[], { nat }: Group, end: ChainEnd, machine: Machine): boolean {
  const attempt = tryFrom(machine.beforeGroup as Machine, machine);
  let found: ChainEnd = 'accept';
  for (const member of order) {
    found = runMember(member, attempt);
    if (found !== 'accept' || (nat && isBound(attempt))) break;
  }
  if (attempt.questioned || found !== end) return false;
  return (
    end !== 'accept' ||
    (attempt.routed === machine.routed &&
      sameGateway(attempt.gateway, machine.gateway) &&
      sameSets(attempt, machine) &&
      samePacket(attempt.packet, machine.packet) &&
      hasSiblingsOf(machine, attempt))
  );
}

const sameSets = (a: Machine, b: Machine): boolean => a.changedSets.toSorted().join() === b.changedSets.toSorted().join();

/** A copy to learn from what members would do; nothing that it meets is noted. */
function tryFrom(start: Machine, machine: Machine): Machine {
  const attempt = start.copy();
  attempt.tries = true;
  attempt.program = machine.program;
  attempt.touched = untouched();
  return attempt;
}

function runMember(member: Member, machine: Machine): ChainEnd {
  switch (member.kind) {
    case 'chain':
      return member.reroutes ? runRouteChain(member.base, machine) : runBaseChain(member.base, machine);
    case 'defragment':
      return defragment(machine);
    case 'track':
      return track(machine);
    case 'translate':
      return translate(machine);
    default:
      return member satisfies never;
  }
}

/** A chain of type route, and then the routing, which may ask: a machine that was split off there does not run the chain again. */
function runRouteChain(base: WalkChain, machine: Machine): ChainEnd {
  if (machine.routesAgain === null) {
    if (machine.chain === null) machine.routedBy = { ...machine.packet };
    const end = runBaseChain(base, machine);
    if (end !== 'accept') return end;
    machine.routesAgain = machine.routedBy;
  }
  const found = machine.routesAgain === null ? 'accept' : reroute(machine.routesAgain, machine);
  machine.routesAgain = null;
  machine.routedBy = null;
  return found;
}

function disturb(all: readonly Touched[]): boolean {
  return all.some((a, i) => all.slice(i + 1).some((b) => share(a, b)));
}

/** One read or overwrote what the other wrote. Bits of the mark that both left alike do not matter. */
function share(a: Touched, b: Touched): boolean {
  return (
    ((a.writes & (b.reads | b.writes)) | (b.writes & a.reads)) !== 0 ||
    ((a.markWrites & b.markReads) | (b.markWrites & a.markReads) | (a.markWrites & b.markWrites & (a.mark ^ b.mark))) !== 0
  );
}

/** After a member that ended the group: whether one of those that did not run, first, would have changed that. */
function couldEndOtherwise(members: readonly Member[], end: ChainEnd, nat: boolean, machine: Machine): boolean {
  const before = machine.beforeGroup;
  if (before === null || end === 'undecided') return false;
  // Of more than two one may change what another, that did not run either, would do.
  if (members.length > 2 || disturb(machine.touchedBefore)) return true;
  return members.slice(machine.member + 1).some((member) => {
    const attempt = tryFrom(before, machine);
    const other = runMember(member, attempt);
    attempt.touched.mark = attempt.packet.mark;
    if (attempt.questioned || (other !== 'accept' && other !== end)) return true;
    if (nat && end === 'accept') return isBound(attempt) || attempt.touched.writes !== 0 || attempt.touched.markWrites !== 0;
    return machine.touchedBefore.some((touched) => share(touched, attempt.touched));
  });
}

function askOrder(group: Group, machine: Machine): void {
  const start = machine.beforeGroup;
  if (start === null) return;
  const orders = group.otherOrders;
  if (orders === null) {
    const names = group.members.map((member) => (member.kind === 'chain' ? member.base.table.name : member.kind)).join(', ');
    const because = `the order of ${group.members.length} hooks of priority ${group.priority} (${names})`;
    machine.addGap({ backend: null, table: '*', chain: machine.hook, rule: null, because });
    return;
  }
  if (orders.length > 0) machine.splitOrders(start, group.members, orders);
}
