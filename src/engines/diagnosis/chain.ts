import type { Confidence, Finding } from '#facts/diagnosis.ts';
import { formatIsoTime } from '#formats/parse-time.ts';
import { catalogue, type FailureModeId, failureMode } from './catalogue.ts';
import type { Fact } from './fact.ts';

export interface Joined {
  readonly chain: readonly Finding[];
  readonly findings: readonly Finding[];
}

/** A cause may be logged this many milliseconds after its effect: components write their logs late when they cannot run. */
const logDelay = 60_000;

/**
 * Orders facts by cause. Two are joined only where the catalogue knows the connection, the later fact's own evidence names the
 * earlier one as its cause on this node, and the times, where both are known, do not contradict. The largest connected group is
 * the chain; a fact by itself is no chain.
 */
export function joinFacts(facts: readonly Fact[]): Joined {
  const ordered = catalogue.flatMap(({ id }) => facts.filter((fact) => fact.id === id));
  const links = ordered.flatMap((cause) => ordered.filter((effect) => isCause(cause, effect)).map((effect) => ({ cause, effect })));
  const chain = largestGroup(ordered, links);
  const leadsTo = (fact: Fact): readonly FailureModeId[] => links.filter(({ cause }) => cause === fact).map(({ effect }) => effect.id);
  return {
    chain: chain.map((fact, i) => findingOf(fact, roleAt(i, chain.length), leadsTo(fact))),
    findings: ordered.filter((fact) => !chain.includes(fact)).map((fact) => findingOf(fact, 'root-cause', leadsTo(fact))),
  };
}

interface Link {
  readonly cause: Fact;
  readonly effect: Fact;
}

function isCause(cause: Fact, effect: Fact): boolean {
  if (!failureMode(cause.id).leadsTo.includes(effect.id) || !effect.causedBy.includes(cause.id)) return false;
  return cause.at === null || effect.at === null || cause.at <= effect.at + logDelay;
}

function largestGroup(facts: readonly Fact[], links: readonly Link[]): readonly Fact[] {
  let best: readonly Fact[] = [];
  for (const fact of facts) {
    const group = groupOf(fact, links);
    if (group.size > 1 && group.size > best.length) best = facts.filter((each) => group.has(each));
  }
  return best;
}

function groupOf(start: Fact, links: readonly Link[]): ReadonlySet<Fact> {
  const group = new Set([start]);
  for (const member of group) {
    for (const { cause, effect } of links) {
      if (cause === member) group.add(effect);
      if (effect === member) group.add(cause);
    }
  }
  return group;
}

function roleAt(index: number, length: number): Finding['role'] {
  if (index === 0) return 'root-cause';
  return index === length - 1 ? 'symptom' : 'link';
}

function findingOf(fact: Fact, role: Finding['role'], leadsTo: readonly string[]): Finding {
  const { id, subject, detail, figures = {}, evidence } = fact;
  const confidence: Confidence = evidence.length === 0 ? 'presumed' : fact.confidence;
  const { severity, title } = failureMode(id);
  return {
    id,
    role,
    severity,
    title,
    subject,
    detail,
    figures,
    at: fact.at === null ? null : formatIsoTime(fact.at),
    confidence,
    leadsTo,
    evidence,
  };
}
