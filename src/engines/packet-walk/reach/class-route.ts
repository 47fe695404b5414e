import type { Route } from '#facts/network.ts';
import { isLimitedBroadcast, isLoopback, isMulticast, isUnspecified } from '../routing/address-kinds.ts';
import { forwards } from '../way/forwarding.ts';
import { nextHopOf, takeHop } from '../way/next-hop.ts';
import { inputQuery } from '../way/route-query.ts';
import { validateSource } from '../way/validate-source.ts';
import { type Bits, forEachBit, none, withBit } from './bits.ts';
import { splitBy } from './by-rows.ts';
import type { ClassRun } from './class-run.ts';
import type { PairClass } from './classes.ts';
import { otherSide, type Relation, type SideName, unionOf } from './relation.ts';
import type { SeenMachine } from './seen-machine.ts';
import type { Item } from './side.ts';
import { checkUnit, stepUnit, testUnit } from './units.ts';

/** What becomes of classes at the input route, beside those that it loses. */
export interface Routed {
  /** Pairs that have to be routed as the packets that they are: what they look at is of both sides. */
  readonly odd: readonly PairClass[];
  readonly input: readonly PairClass[];
  readonly forward: readonly PairClass[];
}

/**
 * The input route in parts, of which each looks at one side of a pair only: the destination chooses the route, and the source is looked at by itself.
 * That holds for plain addresses whose route is a local or a simple unicast one; the others are odd.
 */
export function routeClasses(classes: readonly PairClass[], run: ClassRun, checked: Checked): Routed {
  if (classes.some(({ state }) => run.model.routing.looksAtInterfaces(state.plain.family))) return { odd: classes, input: [], forward: [] };
  const sources = split(sourceUnit, classes, run);
  const ways = split(wayUnit, sources.get('plain') ?? [], run);
  const odd = [...(sources.get('odd') ?? []), ...(ways.get('odd') ?? [])];
  const input = split(itselfUnit, checked(localSourceUnit, ways.get('local') ?? []), run).get('input') ?? [];
  const going = split(hopUnit, checked(forwardsUnit, ways.get('unicast') ?? []), run).get('forward') ?? [];
  const { back, others } = turning(going, run);
  return { odd: [...odd, ...back], input, forward: checked(forwardSourceUnit, others) };
}

/** The classes that a check lets pass; the others are lost. */
export type Checked = (unit: ReturnType<typeof checkUnit>, classes: readonly PairClass[]) => readonly PairClass[];

function split(
  unit: ReturnType<typeof testUnit<string>>,
  classes: readonly PairClass[],
  run: ClassRun,
): ReadonlyMap<string, readonly PairClass[]> {
  return Map.groupBy(run.steps(unit, classes), ({ result }) => result);
}

const sourceUnit = testUnit<string>(({ packet: { source, inInterface } }) =>
  inInterface === 'lo' || isStrange(source.address) ? 'odd' : 'plain',
);

const wayUnit = testUnit<string>((machine) => {
  const { packet, model } = machine;
  if (isStrange(packet.destination.address)) return 'odd';
  const query = inputQuery(packet);
  const answer = model.routing.lookup(query);
  if (answer.kind !== 'route') return 'odd';
  if (answer.route.type === 'local') return 'local';
  if (answer.route.type !== 'unicast') return 'odd';
  const hops = model.routing.usableHops(answer.route, query);
  return typeof hops !== 'string' && hops.length === 1 && hops[0]?.interface != null ? 'unicast' : 'odd';
});

function isStrange(address: SeenMachine['packet']['source']['address']): boolean {
  return isMulticast(address) || isLimitedBroadcast(address) || isUnspecified(address) || isLoopback(address);
}

const isFour = ({ packet }: SeenMachine): boolean => packet.family === 'ip';
const localSourceUnit = checkUnit((machine) =>
  isFour(machine) ? validateSource(machine, { to: machine.packet.destination.address, outInterface: null }) : null,
);
const forwardsUnit = checkUnit((machine) => (isFour(machine) ? forwards(machine) : null));
/** By another interface than it came by: which other does not matter where no policy rule looks at interfaces. */
const forwardSourceUnit = checkUnit((machine) =>
  isFour(machine) ? validateSource(machine, { to: machine.packet.destination.address, outInterface: '' }) : null,
);

const itselfUnit = stepUnit<string>((machine) => {
  machine.packet.outInterface = '';
  machine.isForMany = false;
  return 'input';
});

const hopUnit = stepUnit<string>((machine) => {
  const query = inputQuery(machine.packet);
  const answer = machine.model.routing.lookup(query) as { readonly route: Route };
  const hop = nextHopOf(answer.route, query, machine);
  if (typeof hop === 'string') throw new Error(hop);
  takeHop(hop, machine);
  return 'forward';
});

/** Classes of pairs whose packets leave by the interface that they came by, and the others. */
export function turning(
  classes: readonly PairClass[],
  run: ClassRun,
): { readonly back: readonly PairClass[]; readonly others: readonly PairClass[] } {
  const turned = classes.map((each) => turnsBack(each, run));
  const some = (of: 'back' | 'others'): readonly PairClass[] => turned.map((each) => each[of]).filter(({ pairs }) => pairs.length > 0);
  return { back: some('back'), others: some('others') };
}

/** Pairs whose packets would leave by the interface that they came by, and the others. */
function turnsBack({ state, pairs }: PairClass, run: ClassRun): { readonly back: PairClass; readonly others: PairClass } {
  const arriving: SideName = state.plain.leg === 'request' ? 'x' : 'y';
  const leaving = otherSide(arriving);
  const comes = byName(pairs, arriving, run, (item) => item.in);
  const goes = byName(pairs, leaving, run, (item) => item.routed);
  if (![...comes.keys()].some((name) => goes.has(name))) return { back: { state, pairs: [] }, others: { state, pairs } };
  const { [arriving]: from, [leaving]: to } = run.knows.sides;
  const belonging = {
    [arriving]: (member: number) => goes.get((from.items[member] as Item).in) ?? none,
    [leaving]: (member: number) => comes.get((to.items[member] as Item).routed) ?? none,
  };
  const { within, beside } = splitBy(pairs, belonging as Record<SideName, (member: number) => Bits>);
  return { back: { state, pairs: within }, others: { state, pairs: beside } };
}

function byName(pairs: Relation, side: SideName, run: ClassRun, nameOf: (item: Item) => string): ReadonlyMap<string, Bits> {
  const found = new Map<string, Bits>();
  const { items } = run.knows.sides[side];
  forEachBit(unionOf(pairs, side), (member) => {
    const name = nameOf(items[member] as Item);
    found.set(name, withBit(found.get(name) ?? none, member));
  });
  return found;
}
