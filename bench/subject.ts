/**
 * One measurement in a Node process of its own, in the network namespace of the rules: `node bench/subject.ts KIND RULES SEED DUMP`. Prints one
 * JSON line. Memory is this process's own high-water mark (VmHWM); getrusage's ru_maxrss would count the parent's pages from before exec.
 */
import { readFileSync } from 'node:fs';
import { openWalker, type Walker } from '#engines/packet-walk/index.ts';
import type { WalkLeg } from '#facts/packet-walk.ts';
import { describeProblem } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import { readIptablesSave } from '#formats/iptables-save.ts';
import { snapshotOfNode } from '../test/kernel/packet-judge/snapshot-of-node.ts';
import { clusterOf } from './cluster.ts';
import { type Connection, connections } from './connections.ts';
import { linkAll } from './link-all.ts';

export type SubjectKind = 'load' | 'netlink' | 'walk';
export interface SubjectReport {
  readonly milliseconds: number;
  readonly rules: number;
  readonly kilobytes: number;
  /** Decisions a second where the order of the backends is not known, and where it is. */
  readonly perSecond?: number;
  readonly perSecondOrdered?: number;
  /** Of the first connections: where the walk says that each may go, as the kernel's answers are written. */
  readonly answers?: readonly (readonly string[])[];
}

const [kind, rules, seed, dump] = process.argv.slice(2) as [SubjectKind, string, string, string];
const measure = { load, netlink, walk }[kind];
process.stdout.write(`${JSON.stringify({ ...measure(), kilobytes: highWaterMark() } satisfies SubjectReport)}\n`);

/** Reads a dump of iptables-nft-save and declares every rule; rules are decoded when a walk first comes to them. */
function load(): Omit<SubjectReport, 'kilobytes'> {
  const start = performance.now();
  const loaded = readIptablesSave([readFileSync(dump)], { backend: 'nft', family: 'ip', source: dump });
  if (!loaded.ok) throw new Error(describeProblem(loaded.problem));
  return { milliseconds: performance.now() - start, rules: countRules(loaded.value) };
}

/** Dumps what the kernel runs of nf_tables, decodes every rule and follows every jump. */
function netlink(): Omit<SubjectReport, 'kilobytes'> {
  const start = performance.now();
  const found = linkAll();
  return { milliseconds: performance.now() - start, rules: found };
}

function walk(): Omit<SubjectReport, 'kilobytes'> {
  const cluster = clusterOf(Number(rules));
  const list = connections(cluster, 30_000, Number(seed));
  const before = [1, 2].map((offset) => connections(cluster, 30_000, Number(seed) + 1000 * offset));
  const start = performance.now();
  const snapshot = snapshotOfNode();
  const walker = openWalker(snapshot);
  walker.decide((list[0] as Connection).probe);
  const milliseconds = performance.now() - start;
  const answers = list.slice(0, 200).map(({ probe }) => answersOf(walker.decide(probe)));
  const perSecond = rate(walker, before, list);
  // The legacy rules were loaded first: the hooks of nf_tables, registered later, run first.
  const perSecondOrdered = rate(openWalker(snapshot, { order: 'nft-first' }), before, list);
  return { milliseconds, rules: Number(rules), perSecond, perSecondOrdered, answers };
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

function countRules({ tables }: Ruleset): number {
  return [...tables.values()].reduce((sum, { chains }) => sum + [...chains.values()].reduce((own, { ruleCount }) => own + ruleCount, 0), 0);
}

function highWaterMark(): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
