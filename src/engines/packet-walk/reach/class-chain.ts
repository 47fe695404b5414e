import type { WalkChain, WalkRule } from '../chain.ts';
import { gapAt } from '../gaps.ts';
import { fail, next } from '../op.ts';
import type { RuleVerdict } from '../verdict.ts';
import type { ChainResult, Lost } from './chain-memory.ts';
import type { ClassRun } from './class-run.ts';
import { Gathering, type PairClass } from './classes.ts';
import type { Spot } from './unit.ts';
import type { OpResult } from './units.ts';
import { Unsupported } from './unsupported.ts';

/** Deeper than this, or in a loop, pairs are walked one by one. */
const maxDepth = 256;
/** More often a chain is not taken up again: each time is a call inside the last. */
const maxResumed = 16;

/** Where classes go that a chain is done with. */
interface Ends {
  readonly accepted: Gathering;
  readonly returned: Gathering;
  readonly lost: Lost[];
}

/** One base chain over classes of pairs; gives back those that it accepts. */
export function runBase(base: WalkChain, classes: readonly PairClass[], run: ClassRun): readonly PairClass[] {
  const accepted = new Gathering();
  // No rule knows in which order hooks run: classes of another order are run as those of the first would be.
  for (const reordered of [false, true]) {
    const own = classes.filter(({ state }) => state.reordered === reordered);
    if (own.length === 0) continue;
    const inOrder = <C extends PairClass>(each: C, order: boolean): C => ({ ...each, state: run.knows.states.inOrder(each.state, order) });
    const found = chainResult(
      { chain: base, depth: 0, from: 0, resumed: 0 },
      own.map((each) => inOrder(each, false)),
      run,
    );
    for (const each of found.lost) run.lose(inOrder(each, reordered), each.end, each.loss);
    for (const each of found.accepted) accepted.add(inOrder(each, reordered));
    for (const each of found.returned) {
      if (base.policy === 'drop') run.lose(inOrder(each, reordered), 'drop', { chain: base, rule: null });
      else accepted.add(inOrder(each, reordered));
    }
  }
  return accepted.take();
}

interface Place {
  readonly chain: WalkChain;
  /** Jumps that led here. */
  readonly depth: number;
  /** The position to begin at. */
  readonly from: number;
  /** How often the chain was taken up again on the way here. */
  readonly resumed: number;
}

function chainResult(place: Place, classes: readonly PairClass[], run: ClassRun): ChainResult {
  const { chain, from } = place;
  const make = (): ChainResult => {
    const ends: Ends = { accepted: new Gathering(), returned: new Gathering(), lost: [] };
    runChain(place, classes, ends, run);
    return { accepted: ends.accepted.take(), returned: ends.returned.take(), lost: ends.lost };
  };
  return chain.ruleCount < from + run.knows.worthKeeping
    ? make()
    : run.knows.chains.run({ chain, from, hook: run.program?.hook ?? '', classes }, make);
}

/** Classes that wait at each position of a chain; rules lead forward only, so that what comes to a rule by several ways comes as one. */
class Line {
  readonly #waiting: (Gathering | undefined)[] = [];
  /** Nobody waits after it. */
  last = -1;

  put(position: number, each: PairClass): void {
    if (position > this.last) this.last = position;
    let here = this.#waiting[position];
    if (here === undefined) {
      here = new Gathering();
      this.#waiting[position] = here;
    }
    here.add(each);
  }

  take(position: number): readonly PairClass[] {
    return this.#waiting[position]?.take() ?? nobody;
  }
}

const nobody: readonly PairClass[] = [];

function runChain(place: Place, classes: readonly PairClass[], ends: Ends, run: ClassRun): void {
  const { chain, depth, from } = place;
  if (depth > maxDepth) throw new Unsupported('chains inside each other');
  const line = new Line();
  // Before the index has said to which rule they go on.
  const coming = new Line();
  for (const each of classes) coming.put(from, each);
  for (let position = from; position <= Math.max(coming.last, line.last) && position < chain.ruleCount; position++) {
    const came = coming.take(position);
    if (coming.last <= position && line.last < position && isWorthResuming({ ...place, from: position }, classes, came, run))
      return addResult(chainResult({ ...place, from: position, resumed: place.resumed + 1 }, came, run), ends);
    for (const each of came) enter(chain, position, each, line, run);
    const here = line.take(position);
    if (here.length === 0) continue;
    const rule = chain.compiled[position] ?? chain.rule(position);
    if (rule === undefined) continue;
    for (const each of here) runRule(rule, { place, position, coming, ends }, each, run);
  }
  ends.returned.addAll(coming.take(chain.ruleCount));
  ends.returned.addAll(line.take(chain.ruleCount));
}

/** Rules that clear marks bring classes of several states to one, from where on what the rest of the chain does is known. */
function isWorthResuming(
  { chain, from, resumed }: Place,
  [began]: readonly PairClass[],
  came: readonly PairClass[],
  { knows }: ClassRun,
): boolean {
  return chain.ruleCount >= from + knows.worthKeeping && resumed < maxResumed && came.length === 1 && came[0]?.state !== began?.state;
}

function addResult({ accepted, returned, lost }: ChainResult, ends: Ends): void {
  ends.accepted.addAll(accepted);
  ends.returned.addAll(returned);
  for (const each of lost) ends.lost.push(each);
}

/** By the chain's index to the first rule that may match. */
function enter(chain: WalkChain, position: number, each: PairClass, line: Line, run: ClassRun): void {
  if (!chain.isIndexed) return line.put(position, each);
  for (const outcome of run.evaluate(run.knows.units.position(chain, position), each, spotAt(chain, position, run)))
    line.put(Math.min(outcome.result, chain.ruleCount), outcome);
}

const spotAt = (chain: WalkChain, position: number, { program }: ClassRun): Spot => ({ program, chain, position });

interface At {
  readonly place: Place;
  readonly position: number;
  /** Where those go that are to look at later rules. */
  readonly coming: Line;
  readonly ends: Ends;
}

function runRule(rule: WalkRule, at: At, each: PairClass, run: ClassRun): void {
  run.count();
  const spot = spotAt(at.place.chain, at.position, run);
  for (const outcome of outcomesOf(rule, each, spot, run)) {
    const { verdict } = outcome.result;
    if (verdict === null) at.coming.put(at.position + 1, outcome);
    else follow(verdict, rule, at, outcome, run);
  }
}

interface RuleOutcome extends PairClass {
  readonly result: OpResult;
}

/** Operation by operation; but a rule whose operations use registers has to be run as a whole. */
function outcomesOf(rule: WalkRule, each: PairClass, spot: Spot, run: ClassRun): readonly RuleOutcome[] {
  if (!run.knows.wholeRules.has(rule)) {
    const found = byOps(rule, each, spot, run);
    if (found !== null) return found;
    run.knows.wholeRules.add(rule);
  }
  return run.evaluate(run.knows.units.rule(rule), each, spot);
}

/** Null: an operation used registers. */
function byOps(rule: WalkRule, each: PairClass, spot: Spot, run: ClassRun): readonly RuleOutcome[] | null {
  const found: RuleOutcome[] = [];
  let here: readonly PairClass[] = [each];
  for (const unit of run.knows.units.ops(rule)) {
    const [only] = here;
    const outcomes =
      here.length === 1 ? run.evaluate(unit, only as PairClass, spot) : here.flatMap((part) => run.evaluate(unit, part, spot));
    if (run.usedRegisters()) return null;
    if (outcomes.every(isThrough)) {
      here = outcomes;
      continue;
    }
    here = outcomes.filter(isThrough);
    for (const outcome of outcomes) if (!isThrough(outcome)) found.push(outcome);
    if (here.length === 0) return found;
  }
  for (const { state, pairs } of here) found.push({ state, pairs, result: failed });
  return found;
}

const isThrough = ({ result }: RuleOutcome): boolean => result.code === next;
const failed: OpResult = { code: fail, verdict: null };

function follow(verdict: RuleVerdict, rule: WalkRule, at: At, found: PairClass, run: ClassRun): void {
  const { place, position, coming, ends } = at;
  const { chain } = place;
  switch (verdict.kind) {
    case 'accept':
    case 'bound':
    case 'taken':
      return ends.accepted.add(found);
    case 'drop':
    case 'reject':
      ends.lost.push({ ...found, end: verdict.kind, loss: { chain, rule } });
      return;
    case 'return':
      return ends.returned.add(found);
    case 'undecided':
      return loseTo(verdict.because, rule, at, found, run);
    case 'jump':
    case 'goto': {
      const target = chain.table.chain(verdict.chain);
      if (target === null) return loseTo(`chain ${verdict.chain} is not in the dump`, rule, at, found, run);
      const result = chainResult({ chain: target, depth: place.depth + 1, from: 0, resumed: 0 }, [found], run);
      if (verdict.kind === 'goto') return addResult(result, ends);
      addResult({ ...result, returned: nobody }, ends);
      for (const each of result.returned) coming.put(position + 1, each);
      return;
    }
    default:
      return verdict satisfies never;
  }
}

/** To what is not known. */
function loseTo(because: string, rule: WalkRule, { place, ends }: At, found: PairClass, run: ClassRun): void {
  ends.lost.push({ ...run.withGap(found, gapAt(place.chain, rule, because)), end: 'undecided', loss: null });
}
