import type { PacketWalk, Probe, RuleSelector, Undecidable, Verdict, WalkLeg, WalkOutcome } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { Choices } from './choices.ts';
import { type LegRun, walkConnection } from './connection.ts';
import type { Model, Run } from './context.ts';
import { Hooks } from './hooks.ts';
import { Routing } from './routing.ts';
import { RuleIndex } from './rule-index.ts';
import { SetIndex } from './set-index.ts';

/** Answers what the kernel would do to a connection, from one snapshot. */
export interface Walker {
  walk(probe: Probe): PacketWalk;
}

/** More open questions than this many combinations: the walk is undecided. */
const maxRuns = 2048;

/**
 * Indexes a snapshot for walks. `without` leaves rules out, as if they had been removed; chain policies stay.
 */
export function openWalker(snapshot: Snapshot, options: { readonly without?: readonly RuleSelector[] } = {}): Walker {
  const model: Model = {
    snapshot,
    hooks: new Hooks(snapshot),
    routing: new Routing(snapshot),
    sets: snapshot.ipsets,
    setIndex: new SetIndex(),
    ruleIndex: new RuleIndex(),
    without: options.without ?? [],
  };
  return { walk: (probe) => walkAll(model, probe) };
}

interface Path {
  readonly request: LegRun;
  readonly reply: LegRun | null;
  readonly blame: Run['blame'];
  readonly probability: number | null;
  readonly order: 'nft-first' | 'legacy-first' | null;
  readonly asked: readonly Undecidable[];
}

function walkAll(model: Model, probe: Probe): PacketWalk {
  const choices = new Choices();
  const paths: Path[] = [];
  let complete = true;
  do {
    const run: Run = { model, choices, steps: [], gaps: [], blame: null };
    const legs = walkConnection(probe, run);
    paths.push({ ...legs, blame: run.blame, probability: choices.probability, order: choices.order, asked: choices.gaps });
    complete = paths.length < maxRuns;
  } while (choices.advance() && complete);
  return combine(paths, complete);
}

function combine(paths: readonly Path[], complete: boolean): PacketWalk {
  const request = combineLeg(
    paths.map((path) => ({ ...path, leg: path.request })),
    complete,
  );
  const answered = paths.flatMap((path) => (path.reply === null ? [] : [{ ...path, leg: path.reply }]));
  const reply = answered.length === 0 ? null : combineLeg(answered, complete);
  const verdict = reply?.verdict === 'dropped' || reply?.verdict === 'rejected' ? reply.verdict : request.verdict;
  const lost = verdict === 'dropped' || verdict === 'rejected';
  const open = request.because === 'not-modelled' || reply?.because === 'not-modelled';
  return {
    request,
    reply,
    blame: lost ? (paths.find(({ blame }) => blame !== null)?.blame ?? null) : null,
    undecided: open ? distinct(paths.flatMap((path) => [...path.request.gaps, ...(path.reply?.gaps ?? []), ...path.asked])) : [],
  };
}

type LegPath = Path & { readonly leg: LegRun };

/** The common verdict of all runs; where they differ the leg is undecided, and says whether for want of a model or by its nature. */
function combineLeg(paths: readonly LegPath[], complete: boolean): WalkLeg {
  const [first] = paths as readonly [LegPath, ...LegPath[]];
  const same = complete && paths.every(({ leg }) => leg.verdict === first.leg.verdict);
  const verdict: Verdict = same ? first.leg.verdict : 'undecided';
  const unknown = paths.some(({ leg, asked }) => leg.gaps.length > 0 || asked.length > 0);
  const because = verdict !== 'undecided' ? null : unknown ? 'not-modelled' : 'outcome-depends';
  const outcomes = outcomesOf(paths);
  const shown = paths.find(({ leg }) => leg.verdict === verdict) ?? first;
  return { verdict, because, steps: shown.leg.steps, out: shown.leg.out, ...(outcomes.length > 1 && { outcomes }) };
}

function outcomesOf(paths: readonly LegPath[]): readonly WalkOutcome[] {
  const found = Map.groupBy(paths, ({ leg }) => JSON.stringify([leg.verdict, leg.out]));
  return [...found.values()].map((group) => {
    const { leg } = group[0] as LegPath;
    const shares = group.map(({ probability }) => probability);
    const known = shares.every((share) => share !== null);
    const orders = new Set(group.map(({ order }) => order));
    return {
      verdict: leg.verdict,
      probability: known ? shares.reduce((sum, share) => sum + share, 0) : null,
      order: orders.size === 1 ? (group[0] as LegPath).order : null,
      out: leg.out,
    };
  });
}

function distinct(gaps: readonly Undecidable[]): readonly Undecidable[] {
  return [...new Map(gaps.map((each) => [JSON.stringify(each), each])).values()];
}
