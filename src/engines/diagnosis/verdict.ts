import type { Diagnosis, Finding, OpenQuestion } from '#facts/diagnosis.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { Observations } from './observations.ts';
import { boundLimits, isNodeWide } from './task-limit.ts';

/**
 * broken: pods are cut off, or nothing on the node can start a thread. degraded: a fault is there and traffic still flows.
 * undecided: no fault was found, and what would show one could not be read, or a detector left a question open (`open`): a connection whose
 * walk is undecided may be a lost one. healthy: neither.
 */
export function verdictOf(seen: Observations, findings: readonly Finding[], open: readonly OpenQuestion[]): Diagnosis['verdict'] {
  const faults = findings.filter(({ severity }) => severity !== 'info');
  const cutOff = faults.some(({ id, severity }) => id !== 'pids-limit-reached' && severity === 'critical');
  if (cutOff || boundLimits(seen).some((limit) => limit.state === 'binds' && isNodeWide(seen, limit))) return 'broken';
  if (faults.length > 0) return 'degraded';
  return open.length > 0 || essentialGaps(seen).length > 0 ? 'undecided' : 'healthy';
}

/** What must have been read before "healthy" may be said. */
export function essentialGaps({ snapshot }: Observations): readonly OpenQuestion[] {
  const { rulesets, nativeChains, links, routes, pids, pods } = snapshot;
  const needed = [
    { question: 'do rules in legacy drop traffic?', reading: rulesets.legacy.ip },
    { question: 'do rules in nft drop traffic?', reading: rulesets.nft.ip },
    { question: 'do native chains of nftables drop traffic?', reading: nativeChains },
    { question: 'which interfaces are there?', reading: links },
    { question: 'where do packets to pods go?', reading: routes },
    { question: 'does the traffic of the pods arrive?', reading: pods },
    { question: 'is there room for threads?', reading: pids },
  ];
  const gaps = needed.flatMap(({ question, reading }) =>
    reading.kind === 'missing' ? [{ question, missing: `${reading.source}: ${reading.because}` }] : [],
  );
  return [...gaps, ...unreadableTables(snapshot)];
}

/** In the words of the survey, so that one question is asked once. */
function unreadableTables({ rulesets }: Snapshot): readonly OpenQuestion[] {
  const dumps = (['legacy', 'nft'] as const).flatMap((backend) => [rulesets[backend].ip, rulesets[backend].ip6]);
  return dumps.flatMap((dump) =>
    dump.kind === 'missing'
      ? []
      : dump.value.unreadable.map(({ table, because }) => ({
          question: `whose rules are in ${dump.value.backend} ${dump.value.family}?`,
          missing: `table ${table}: ${because}`,
        })),
  );
}

/** One sentence: the symptom first, then where it comes from. */
export function summaryOf(verdict: Diagnosis['verdict'], chain: readonly Finding[], findings: readonly Finding[]): string {
  const [root] = chain;
  const last = chain.at(-1);
  if (root !== undefined && last !== undefined) return `${about(root)} led to ${about(last)}`;
  const [first, ...more] = findings;
  if (first !== undefined) return `${first.title}: ${first.detail}${more.length === 0 ? '' : `; and ${more.length} more`}`;
  return verdict === 'healthy' ? 'no fault found' : 'too little could be read to say whether there is a fault';
}

/** A subject may be the path of a cgroup: its end says which. */
function about({ title, subject }: Finding): string {
  return `${title} (${subject.length <= 50 ? subject : `...${subject.slice(-47)}`})`;
}
