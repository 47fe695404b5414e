import type { LegRun, Steps } from './leg-run.ts';

/** A rule at which ways part: one goes on as the rule says, the others as if it were not there. */
export interface Choice {
  readonly step: Steps;
  readonly matches: boolean;
}

/** More steps than this, all ways together, are not compared. */
const maxSteps = 100_000;

/**
 * At which rules the ways of one leg parted, in order. Copies share the steps of what lay before the question, so ways part where one step has several
 * next ones. Ways that only the order of equal hooks tells apart have none.
 */
export function choicesOf(legs: readonly LegRun[]): (leg: LegRun) => readonly Choice[] {
  const next = new Map<Steps | null, Set<Steps>>();
  let budget = maxSteps;
  for (const { steps } of legs)
    for (let each = steps; each !== null && budget > 0; each = each.earlier, budget--) {
      const known = next.get(each.earlier) ?? new Set();
      // Where this step is known, so is all before it.
      if (known.has(each)) break;
      next.set(each.earlier, known.add(each));
    }
  return (leg) => {
    if (budget === 0) return [];
    const choices: Choice[] = [];
    for (let each = leg.steps; each !== null; each = each.earlier) {
      const others = next.get(each.earlier);
      if (others !== undefined && others.size > 1) choices.push(...choicesAt(each, [...others]).toReversed());
    }
    return choices.reverse();
  };
}

/** Of rules that did not match, so many are named. */
const maxNamed = 8;

/**
 * Of the steps that may follow one, those of the rules that were looked at first: a jump leads into its chain, other rules on in their own; a
 * base chain begins with its own rules. None where the order of hooks tells the ways apart.
 */
function choicesAt(own: Steps, all: readonly Steps[]): readonly Choice[] {
  if (new Set(all.map(({ chain }) => chain?.table.backend)).size > 1) return [];
  const rules = all.filter(({ rule }) => rule !== null);
  const { earlier } = own;
  const isJump = earlier?.effect === 'jump' || earlier?.effect === 'goto';
  const near = rules.filter(({ chain }) => (chain === earlier?.chain) !== isJump);
  const first = near.length > 0 ? near : rules.filter(({ chain }) => chain === own.chain);
  if (first.some(({ rule }) => rule === own.rule)) return [{ step: own, matches: true }];
  const unmatched = new Map(first.map((step) => [step.rule?.index ?? 0, step]));
  return [...unmatched]
    .toSorted(([a], [b]) => a - b)
    .slice(0, maxNamed)
    .map(([, step]) => ({ step, matches: false }));
}
