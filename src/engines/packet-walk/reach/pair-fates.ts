import type { ReachFate } from '#facts/reach.ts';
import { beginRequest } from '../begin.ts';
import { combine } from '../combine.ts';
import { explore } from '../explore.ts';
import type { Exploration } from '../machine.ts';
import type { Model } from '../model.ts';
import { firstOf, forEachBit, membersOf } from './bits.ts';
import { ClassRun } from './class-run.ts';
import { ClassWay } from './class-way.ts';
import { fateOfEndings, fateOfWalk, fateUnknown } from './fate.ts';
import { Knowledge } from './knowledge.ts';
import { replaced } from './moves.ts';
import { type Destination, type PairQuestion, probeOf, type Source } from './question.ts';
import type { Relation } from './relation.ts';
import { plainConnection, plainOf } from './state.ts';

/** The fate of each pair: `of` holds places in `fates`, row by row of the sources; -1 for pairs that were not asked about. */
export interface PairFates {
  readonly fates: readonly ReachFate[];
  readonly of: Int32Array;
  /** Pairs that were walked one by one. */
  readonly single: number;
}

/** More pairs than this are not walked one by one. */
const maxSingle = 100_000;

/** What becomes of many pairs, by classes of those that the rules treat alike. What is known already is of the same question. */
export function pairFates(model: Model, question: PairQuestion, knows: Knowledge = new Knowledge()): PairFates {
  const [first] = question.pairs;
  const table = new FateTable(question);
  if (first === undefined) return table.result();
  const start = probeOf(question, question.sources[firstOf(first.x)] as Source, question.destinations[firstOf(first.y)] as Destination);
  const exploration: Exploration = { probe: start, waiting: [], whole: true, budget: Number.MAX_SAFE_INTEGER, noted: 0 };
  const run = new ClassRun(model, exploration, knows);
  const way = new ClassWay(run);
  const { packet } = beginRequest(model, exploration, start);
  const state = knows.states.of({
    plain: { ...plainOf(packet), fromSocket: true },
    connection: plainConnection(packet.connection),
    xPattern: 7,
    yPattern: 7,
    conntrackIsOff: false,
    isForMany: false,
    changedSets: [],
    answers: new Map(),
    gaps: new Map(),
    asked: new Map(),
    reordered: false,
  });
  way.begin({ state, pairs: itemsOf(question, knows) }, exploration);
  for (const { ending, pairs } of run.endings.toSorted((a, b) => Number(a.ending.reordered) - Number(b.ending.reordered)))
    table.add(pairs, ending);
  for (const { pairs, because } of way.unsupported) table.single(pairs, because, model);
  return table.result();
}

/** Sources that arrive by an interface of their own, and destinations, as items. */
function itemsOf({ sources, destinations, fromPort, pairs }: PairQuestion, { sides }: Knowledge): Relation {
  const xs = sources.map(({ address, inInterface }, i) => {
    const item = sides.x.begin(i, { address, port: fromPort });
    return inInterface === null ? item.id : sides.x.derive(item, { in: inInterface }).id;
  });
  const ys = destinations.map(({ address, port }, i) => sides.y.begin(i, { address, port }).id);
  return replaced(replaced(pairs, 'x', xs), 'y', ys);
}

type EndingLike = Parameters<typeof fateOfEndings>[0][number];

/** Sets of endings by number, each reached from a smaller one by one more ending. */
class FateTable {
  readonly #question: PairQuestion;
  readonly #columns: number;
  readonly #sets: Int32Array;
  readonly #endings: EndingLike[][] = [[]];
  readonly #more = new Map<number, number>();
  readonly #special = new Map<number, ReachFate>();
  #added = 0;
  #single = 0;

  constructor(question: PairQuestion) {
    this.#question = question;
    this.#columns = question.destinations.length;
    this.#sets = new Int32Array(question.sources.length * this.#columns).fill(-1);
    eachRow(question.pairs, (row, columns) => {
      for (const column of columns) this.#sets[row * this.#columns + column] = 0;
    });
  }

  add(pairs: Relation, ending: EndingLike): void {
    const number = this.#added++;
    const sets = this.#sets;
    let from = -1;
    let to = -1;
    eachRow(pairs, (row, columns) => {
      const start = row * this.#columns;
      for (let i = 0; i < columns.length; i++) {
        const at = start + (columns[i] as number);
        const set = sets[at] as number;
        if (set !== from) {
          from = set;
          to = this.#with(set, number, ending);
        }
        sets[at] = to;
      }
    });
  }

  #with(set: number, number: number, ending: EndingLike): number {
    const endings = this.#endings[set];
    if (endings === undefined || endings.at(-1) === ending) return set;
    const key = set * 1_000_000 + number;
    let found = this.#more.get(key);
    if (found === undefined) {
      found = this.#endings.length;
      this.#endings.push([...endings, ending]);
      this.#more.set(key, found);
    }
    return found;
  }

  single(pairs: Relation, because: string, model: Model): void {
    const { sources, destinations } = this.#question;
    const done = new Set<number>();
    eachRow(pairs, (row, columns) => {
      for (const column of columns) {
        const at = row * this.#columns + column;
        if (done.has(at)) continue;
        done.add(at);
        const allowed = this.#single++ < maxSingle;
        const probe = probeOf(this.#question, sources[row] as Source, destinations[column] as Destination);
        const fate = allowed
          ? fateOfWalk(combine(explore(model, probe, true)))
          : fateUnknown(`too many pairs to walk one by one: ${because}`);
        const number = this.#endings.length;
        this.#endings.push([]);
        this.#special.set(number, fate);
        this.#sets[at] = number;
      }
    });
  }

  result(): PairFates {
    const fates: ReachFate[] = [];
    const places = new Map<string, number>();
    const placeOf = new Map<number, number>();
    for (let at = 0; at < this.#sets.length; at++) {
      const set = this.#sets[at] as number;
      if (set < 0) continue;
      let place = placeOf.get(set);
      if (place === undefined) {
        const fate = this.#special.get(set) ?? fateOfEndings(this.#endings[set] ?? []);
        const key = JSON.stringify(fate);
        place = places.get(key);
        if (place === undefined) {
          place = fates.length;
          fates.push(fate);
          places.set(key, place);
        }
        placeOf.set(set, place);
      }
      this.#sets[at] = place;
    }
    return { fates, of: this.#sets, single: this.#single };
  }
}

function eachRow(pairs: Relation, see: (row: number, columns: readonly number[]) => void): void {
  for (const { x, y } of pairs) {
    const columns = membersOf(y);
    forEachBit(x, (row) => see(row, columns));
  }
}
