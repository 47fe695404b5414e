import type { Blame, PacketWalk, RulePlace, Undecidable, Verdict, WalkLeg, WalkStep } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { type Choice, choicesOf } from './choices.ts';
import { citable } from './citable.ts';
import { type Explored, maxWays } from './explore.ts';
import type { Gaps, LegRun, Steps, Way } from './leg-run.ts';
import { type Explain, outcomesOf } from './outcomes.ts';

/** One answer out of all ways. `requests`: where there were too many, those of the request alone, which are fewer. */
export function combine({ ways, complete }: Explored, requests: Explored | null = null): PacketWalk {
  const request = combineOrDecide(ways, complete, requests);
  const answered = ways.filter(({ reply }) => reply !== null);
  // Where the request may have ended otherwise than we can tell, so may its reply.
  const told = complete && ways.every(({ request: leg }) => leg?.verdict !== 'undecided');
  const reply =
    answered.length === 0 ? null : combineLeg(answered, ({ reply: leg }) => leg, { complete: told, counted: complete, explained: 'reply' });
  const verdict = reply?.verdict === 'dropped' || reply?.verdict === 'rejected' ? reply.verdict : request.verdict;
  const lost = verdict === 'dropped' || verdict === 'rejected';
  const open = request.because === 'not-modelled' || reply?.because === 'not-modelled';
  const blames = lost ? blamesOf(ways) : [];
  const several = blames.length > 1 && { blames };
  return { request, reply, blame: blames[0] ?? null, ...several, undecided: open ? [...gapsOf(ways), ...(complete ? [] : [tooMany])] : [] };
}

const tooMany: Undecidable = {
  backend: null,
  table: '*',
  chain: '*',
  rule: null,
  because: `more than ${maxWays} ways, by chance, order and what is not known`,
};

function combineOrDecide(ways: readonly Way[], complete: boolean, requests: Explored | null): WalkLeg {
  const request = combineLeg(ways, ({ request: leg }) => leg, { complete, counted: complete, explained: 'request' });
  if (requests === null || !requests.complete) return request;
  const decided = combineRequest(requests);
  const shown = ways.find(({ request: leg }) => leg?.verdict === decided.verdict) ?? (ways[0] as Way);
  return { ...decided, steps: stepsOf(shown.request?.steps ?? null, shown.model.snapshot) };
}

export function combineRequest({ ways, complete }: Explored): WalkLeg {
  return combineLeg(ways, ({ request }) => request, { complete, counted: complete, explained: null });
}

interface How {
  readonly complete: boolean;
  /** False: not all ways are there, so that what they say does not add up. */
  readonly counted: boolean;
  /** Null: nobody asks what led to the outcomes. */
  readonly explained: 'request' | 'reply' | null;
}

const rewriting: ReadonlySet<string> = new Set(['dnat', 'snat', 'masquerade', 'redirect', 'netmap']);

/** By which rules each outcome came about; where ways did not part at a rule, nat chose among several addresses. */
function explain(ways: readonly Way[], legs: readonly LegRun[], name: 'request' | 'reply'): Explain {
  let choices: ReturnType<typeof choicesOf> | null = null;
  return (leg) => {
    const way = ways.find(({ [name]: own }) => own === leg) as Way;
    const { snapshot } = way.model;
    choices ??= choicesOf(legs);
    const found = choices(leg);
    const named = found.length > 0 ? found : natIn(leg.steps);
    const isLost = leg.verdict === 'dropped' || leg.verdict === 'rejected';
    return {
      ...(isLost && way.blame?.leg === name && { blame: placeOf(way.blame, snapshot) }),
      choices: named.map(({ step, matches }) => ({ ...placeOf(step, snapshot), matches })),
    };
  };
}

function natIn(newest: Steps | null): readonly Choice[] {
  for (let step = newest; step !== null; step = step.earlier) if (rewriting.has(step.effect)) return [{ step, matches: true }];
  return [];
}

/** The common verdict of all ways; where they differ the leg is undecided, and says whether for want of a model or by its nature. */
function combineLeg(ways: readonly Way[], legOf: (way: Way) => LegRun | null, { complete, counted, explained }: How): WalkLeg {
  // Ways that parted after the request have it in common.
  const all = ways.map((way) => legOf(way) as LegRun);
  const legs = explained === null ? all : [...new Set(all)];
  const first = legs[0] as LegRun;
  const same = complete && legs.every(({ verdict }) => verdict === first.verdict);
  const verdict: Verdict = same ? first.verdict : 'undecided';
  const unknown = !complete || legs.some(({ asked, gaps }) => asked !== null || gaps !== null);
  const because = verdict !== 'undecided' ? null : unknown ? 'not-modelled' : 'outcome-depends';
  const shown = legs.find((leg) => leg.verdict === verdict) ?? first;
  const leg = { verdict, because, steps: stepsOf(shown.steps, (ways[0] as Way).model.snapshot), out: shown.out } as const;
  const outcomes = legs.length === 1 ? [] : outcomesOf(legs, explained === null ? null : explain(ways, legs, explained));
  if (outcomes.length <= 1) return leg;
  return { ...leg, outcomes: counted ? outcomes : outcomes.map((outcome) => ({ ...outcome, probability: null })) };
}

function stepsOf(newest: Steps | null, snapshot: Snapshot): readonly WalkStep[] {
  const steps: WalkStep[] = [];
  for (let each = newest; each !== null; each = each.earlier)
    steps.push(each.kernel ?? { hook: each.hook, effect: each.effect, ...placeOf(each, snapshot) });
  return steps.reverse();
}

function placeOf({ chain, rule }: Steps, snapshot: Snapshot): Omit<RulePlace, 'packets'> {
  if (chain === null) throw new Error('a step of no chain');
  const { backend, family, name } = chain.table;
  const text = rule === null ? `policy ${(chain.policy ?? 'accept').toUpperCase()}` : rule.text;
  return { backend, family, table: name, chain: chain.name, rule: rule?.index ?? null, text, ...citable(snapshot, chain, rule) };
}

/** Each rule that a way was lost at once. */
function blamesOf(ways: readonly Way[]): readonly Blame[] {
  const found: NonNullable<Way['blame']>[] = [];
  for (const { blame } of ways)
    if (blame !== null && !found.some(({ leg, chain, rule }) => leg === blame.leg && chain === blame.chain && rule === blame.rule))
      found.push(blame);
  const { snapshot } = (ways[0] as Way).model;
  return found.map((each) => ({
    leg: each.leg,
    packets: each.rule === null ? (each.chain?.packets ?? null) : each.rule.packets,
    ...placeOf(each, snapshot),
  }));
}

function gapsOf(ways: readonly Way[]): readonly Undecidable[] {
  const found = new Map<string, Undecidable>();
  const add = (newest: Gaps | null): void => {
    const own: Undecidable[] = [];
    for (let each = newest; each !== null; each = each.earlier) own.push(each.gap);
    for (const gap of own.reverse()) found.set(JSON.stringify(gap), gap);
  };
  for (const { request, reply } of ways) {
    add(request?.gaps ?? null);
    add(reply?.gaps ?? null);
    // What was asked of the reply follows what was asked of the request.
    add((reply ?? request)?.asked ?? null);
  }
  return [...found.values()];
}
