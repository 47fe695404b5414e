import type { Diagnosis, Finding, OpenQuestion } from '#facts/diagnosis.ts';
import type { Observations } from './observations.ts';
import { taskLimit } from './task-limit.ts';

/**
 * broken: pods are cut off, or nothing on the node can start a thread. degraded: a fault is there and traffic still flows.
 * undecided: no fault was found, and what would show one could not be read. healthy: neither.
 */
export function verdictOf(seen: Observations, findings: readonly Finding[]): Diagnosis['verdict'] {
  const faults = findings.filter(({ severity }) => severity !== 'info');
  const cutOff = faults.some(({ id, severity }) => id !== 'pids-limit-reached' && severity === 'critical');
  if (cutOff || taskLimit(seen)?.state === 'binds') return 'broken';
  if (faults.length > 0) return 'degraded';
  return essentialGaps(seen).length > 0 ? 'undecided' : 'healthy';
}

/** What must have been read before "healthy" may be said. */
export function essentialGaps({ snapshot }: Observations): readonly OpenQuestion[] {
  const { rulesets, links, pids } = snapshot;
  const needed = [
    { question: 'do rules in legacy drop traffic?', reading: rulesets.legacy.ip },
    { question: 'do rules in nft drop traffic?', reading: rulesets.nft.ip },
    { question: 'which interfaces are there?', reading: links },
    { question: 'is there room for threads?', reading: pids },
  ];
  return needed.flatMap(({ question, reading }) =>
    reading.kind === 'missing' ? [{ question, missing: `${reading.source}: ${reading.because}` }] : [],
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
