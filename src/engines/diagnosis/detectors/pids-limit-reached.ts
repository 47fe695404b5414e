import type { Figures } from '#facts/diagnosis.ts';
import type { LimitUse } from '#facts/limit.ts';
import type { LogEvent } from '#facts/log.ts';
import { citeEvent, type Detected, type Fact, found, nothing, open } from '../fact.ts';
import type { Observations } from '../observations.ts';
import { ownRefusals } from '../own-refusals.ts';
import { boundLimits } from '../task-limit.ts';
import { number, plural } from '../words.ts';
import { refusedThread } from './refused-thread.ts';

/** A limit on tasks that binds now, or refused forks earlier; the one that binds is named. */
export function pidsLimitReached(seen: Observations): Detected {
  const [limit, ...others] = boundLimits(seen);
  const refusals = ownRefusals(seen);
  const failures = seen.events.filter(refusedThread);
  if (limit !== undefined) return found(factOf({ limit, others, refusals, failures }));
  if (refusals.length === 0) {
    return failures.length === 0 ? nothing : open('which limit refused threads?', missingFigures(seen));
  }
  const names = [...new Set(refusals.map(({ fields }) => fields['cgroup'] ?? 'a cgroup'))];
  return {
    fact: {
      id: 'pids-limit-reached',
      subject: names[0] ?? 'a cgroup',
      detail: `the kernel refused a fork in ${plural(names.length, 'cgroup')}; which limit above it bound is not known`,
      figures: { state: 'unattributed', cgroups: names.length },
      at: refusals[0]?.time ?? null,
      confidence: 'supported',
      evidence: refusals.slice(0, 3).map((event) => citeEvent(event)),
      causedBy: [],
    },
    undecided: [{ question: 'which pids limit refused forks?', missing: missingFigures(seen) }],
  };
}

interface Reached {
  readonly limit: LimitUse;
  readonly others: readonly LimitUse[];
  readonly refusals: readonly LogEvent[];
  readonly failures: readonly LogEvent[];
}

function factOf({ limit, others, refusals, failures }: Reached): Fact {
  const refused = limit.refused === null || limit.refused === 0 ? '' : `, ${plural(limit.refused, 'fork')} refused`;
  const also = others[0] === undefined ? '' : `; also ${others[0].subject} at ${number(others[0].limit ?? 0)}`;
  const raised = limit.state === 'bound' && limit.limit !== null && limit.peak !== null && limit.peak < limit.limit;
  const tense = limit.state === 'binds' ? '' : raised ? ' now; the limit was raised after it refused' : ' now, it was full before';
  const kernel = refusals.slice(0, 3).map((event) => citeEvent(event));
  const times = [...refusals, ...failures].flatMap(({ time }) => (time === null ? [] : [time]));
  return {
    id: 'pids-limit-reached',
    subject: limit.id === 'cgroup-pids' ? `cgroup/${limit.subject.replace(/^\//, '')}` : limit.id,
    detail: `${limit.subject}: ${number(limit.use)} of ${number(limit.limit ?? 0)} tasks${tense}${refused}${also}`,
    figures: figuresOf(limit, others[0], raised),
    at: times.length === 0 ? null : times.reduce((a, b) => (a < b ? a : b)),
    confidence: limit.estimated === true || limit.id === 'rlimit-nproc' || raised ? 'supported' : 'proven',
    evidence: raised ? [...kernel, ...limit.evidence] : [...limit.evidence, ...kernel],
    causedBy: ['thread-storm'],
  };
}

function figuresOf({ subject, use, limit, state, refused }: LimitUse, also: LimitUse | undefined, raised: boolean): Figures {
  return {
    state: state === 'binds' ? 'binds' : raised ? 'raised-since' : 'was-full',
    under: subject,
    use,
    limit: limit ?? 0,
    ...(refused === null || refused === 0 ? {} : { refused }),
    ...(also === undefined ? {} : { alsoUnder: also.subject, alsoLimit: also.limit ?? 0 }),
  };
}

function missingFigures({ limits }: Observations): string {
  const [first] = limits.undecided;
  return first === undefined ? 'every limit that was read has room; the one that refused is not in the snapshot' : first.missing;
}
