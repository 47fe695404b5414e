import type { WalkChain } from './chain.ts';
import type { Group } from './hook-program.ts';
import type { Caller } from './machine.ts';
import { SegmentTree } from './segments/segment-tree.ts';

/** A base chain in a hook's program: the indices of its group, and in that. */
export interface SeriesPlace {
  readonly group: number;
  readonly member: number;
  readonly base: WalkChain;
}

/** Base chains that run one after another, in a known order and with nothing of the kernel's between them. */
export class Series {
  readonly nat: boolean;
  readonly places: readonly SeriesPlace[];
  readonly beginning: Stand;
  /** Packets that came to it before it began to learn. */
  arrivals = 0;
  readonly #stands = new Map<WalkChain, Stand[]>();

  constructor(nat: boolean, first: SeriesPlace, others: readonly SeriesPlace[]) {
    this.nat = nat;
    this.places = [first, ...others];
    this.beginning = this.stand({ at: 0, chain: first.base, position: 0, caller: null });
  }

  /** One for all packets that come to stand there. */
  stand(where: Where): Stand {
    let here = this.#stands.get(where.chain);
    if (here === undefined) {
      here = [];
      this.#stands.set(where.chain, here);
    }
    let found = here.find((each) => isSame(each, where));
    if (found === undefined) {
      found = { ...where, series: this, tree: new SegmentTree() };
      here.push(found);
    }
    return found;
  }
}

export interface Where {
  /** Which of the series' places it is in. */
  readonly at: number;
  readonly chain: WalkChain;
  readonly position: number;
  readonly caller: Caller | null;
}

/** A rule of a series, and how packets came there: what they do from there on is learnt. */
export interface Stand extends Where {
  readonly series: Series;
  readonly tree: SegmentTree;
}

function isSame(a: Where, b: Where): boolean {
  return a.at === b.at && a.position === b.position && isSameCaller(a.caller, b.caller);
}

function isSameCaller(a: Caller | null, b: Caller | null): boolean {
  if (a === b || a === null || b === null) return a === b;
  return a.chain === b.chain && a.next === b.next && isSameCaller(a.up, b.up);
}

/** The chains that run one after another from this group on; null: it is none of chains in a known order. */
export function seriesFrom(first: number, groups: readonly Group[]): Series | null {
  const { nat } = groups[first] as Group;
  const places: SeriesPlace[] = [];
  for (let group = first; groups[group]?.nat === nat; group++) {
    const own = placesOf(groups[group] as Group, group);
    if (own === null) break;
    places.push(...own);
  }
  const [begin, ...others] = places;
  return begin === undefined ? null : new Series(nat, begin, others);
}

function placesOf({ members, otherOrders }: Group, group: number): readonly SeriesPlace[] | null {
  if (otherOrders?.length !== 0) return null;
  const places: SeriesPlace[] = [];
  for (const [member, each] of members.entries()) {
    if (each.kind !== 'chain' || each.reroutes) return null;
    places.push({ group, member, base: each.base });
  }
  return places;
}
