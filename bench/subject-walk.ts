import { openWalker, type Walker } from '#engines/packet-walk/index.ts';
import type { WalkLeg } from '#facts/packet-walk.ts';
import { snapshotOfNode } from '../test/kernel/packet-judge/snapshot-of-node.ts';
import { clusterOf } from './cluster.ts';
import { type Connection, connections } from './connections.ts';
import type { Measured, SubjectArguments } from './subject.ts';

export function measure({ rules, seed }: SubjectArguments): Measured {
  const cluster = clusterOf(rules);
  const list = connections(cluster, 30_000, seed);
  const before = [1, 2].map((offset) => connections(cluster, 30_000, seed + 1000 * offset));
  const start = performance.now();
  const snapshot = snapshotOfNode();
  const walker = openWalker(snapshot);
  walker.decide((list[0] as Connection).probe);
  const milliseconds = performance.now() - start;
  const answers = list.slice(0, 200).map(({ probe }) => answersOf(walker.decide(probe)));
  const perSecond = rate(walker, before, list);
  // The legacy rules were loaded first: the hooks of nf_tables, registered later, run first.
  const perSecondOrdered = rate(openWalker(snapshot, { order: 'nft-first' }), before, list);
  return { milliseconds, rules, perSecond, perSecondOrdered, answers };
}

/** As in a long-running process: it has decided other connections before, and none of these. */
function rate(walker: Walker, before: readonly (readonly Connection[])[], list: readonly Connection[]): number {
  for (const each of before) for (const { probe } of each) walker.decide(probe);
  const begun = performance.now();
  for (const { probe, isMiss } of list) demandDecided(walker.decide(probe), isMiss);
  return (list.length * 1000) / (performance.now() - begun);
}

/** A walker that gives up quickly would look fast. A service that was found has three ways, a miss is one. */
function demandDecided({ verdict, outcomes }: WalkLeg, isMiss: boolean): void {
  if (verdict !== 'delivered' || (outcomes?.length ?? 1) < (isMiss ? 1 : 3))
    throw new Error(`a connection was ${verdict} with ${outcomes?.length ?? 1} outcomes`);
}

function answersOf({ out, outcomes }: WalkLeg): readonly string[] {
  return (outcomes ?? [{ out }]).map((each) => (each.out === null ? 'nowhere' : `${each.out.interface} ${each.out.to}`));
}
