import {
  addTo,
  and,
  type Bits,
  copyOf,
  countOf,
  emptyLike,
  forEachBit,
  hashOf,
  includeIn,
  isEmpty,
  isWithin,
  membersOf,
  none,
  oneBit,
  sameBits,
  withBit,
  without,
} from './bits.ts';

/** All pairs of its sources and its destinations. */
export interface Rect {
  readonly x: Bits;
  readonly y: Bits;
}

/** A set of pairs, as rectangles that may overlap. */
export type Relation = readonly Rect[];
export type SideName = 'x' | 'y';

export function unionOf(relation: Relation, side: SideName): Bits {
  const [first] = relation;
  if (first === undefined) return none;
  if (relation.length === 1) return first[side];
  let all = unions[side].get(relation);
  if (all === undefined) {
    all = copyOf(first[side]);
    for (const rect of relation) all = addTo(all, rect[side]);
    unions[side].set(relation, all);
  }
  return all;
}

/** Rule after rule asks about the same relations. */
const unions = { x: new WeakMap<Relation, Bits>(), y: new WeakMap<Relation, Bits>() };

/** The pairs whose member of one side is among those given. */
export function restrict(relation: Relation, side: SideName, members: Bits): Relation {
  const found: Rect[] = [];
  for (const rect of relation) {
    if (isWithin(rect[side], members)) {
      found.push(rect);
      continue;
    }
    const own = and(rect[side], members);
    if (own !== none) found.push(side === 'x' ? { x: own, y: rect.y } : { x: rect.x, y: own });
  }
  return found;
}

/** The pairs with each member of one side replaced. */
export function mapped(relation: Relation, side: SideName, map: (members: Bits) => Bits): Relation {
  return relation.map((rect) => (side === 'x' ? { x: map(rect.x), y: rect.y } : { x: rect.x, y: map(rect.y) }));
}

/** The same pairs in fewer rectangles: those with the same destinations become one, and then those with the same sources. */
export function merged(relation: Relation): Relation {
  if (relation.length < 2) return relation;
  return mergedBy(mergedBy(relation, 'y', 'x'), 'x', 'y');
}

function mergedBy(relation: Relation, same: SideName, other: SideName): Relation {
  if (relation.length < 2) return relation;
  const groups = new Map<number, { readonly key: Bits; all: Bits; own: boolean }[]>();
  for (const rect of relation) {
    const hash = hashOf(rect[same]);
    const alike = groups.get(hash);
    const found = alike?.find(({ key }) => sameBits(key, rect[same]));
    if (found !== undefined) grow(found, rect[other]);
    else if (alike === undefined) groups.set(hash, [{ key: rect[same], all: rect[other], own: false }]);
    else alike.push({ key: rect[same], all: rect[other], own: false });
  }
  return [...groups.values()].flat().map(({ key, all }) => (same === 'x' ? { x: key, y: all } : { x: all, y: key }));
}

/** The first set of a group is somebody else's. */
function grow(group: { all: Bits; own: boolean }, more: Bits): void {
  if (!group.own) group.all = copyOf(group.all);
  group.own = true;
  group.all = addTo(group.all, more);
}

/** The same pairs, each member of the side in one rectangle only: members that have the same others are together. */
export function bySide(relation: Relation, side: SideName): Relation {
  if (relation.length < 2) return relation;
  let found = bySides[side].get(relation);
  if (found === undefined) {
    found = grouped(rowsOf(relation, side), side);
    bySides[side].set(relation, found);
  }
  return found;
}

const bySides = { x: new WeakMap<Relation, Relation>(), y: new WeakMap<Relation, Relation>() };

/** Members of a side that have the same others, together. */
function grouped(rows: ReadonlyMap<number, Bits>, side: SideName): Relation {
  const groups = new Map<number, { readonly row: Bits; members: Bits }[]>();
  for (const [member, row] of rows) {
    const hash = hashOf(row);
    const alike = groups.get(hash);
    const found = alike?.find((group) => sameBits(group.row, row));
    if (found !== undefined) found.members = withBit(found.members, member);
    else {
      const made = { row, members: oneBit(member) };
      if (alike === undefined) groups.set(hash, [made]);
      else alike.push(made);
    }
  }
  return [...groups.values()].flat().map(({ row, members }) => (side === 'x' ? { x: members, y: row } : { x: row, y: members }));
}

export const otherSide = (side: SideName): SideName => (side === 'x' ? 'y' : 'x');

/** For each member of a side its others. Members of one rectangle only have that rectangle's own set: it must not be changed. */
function rowsOf(relation: Relation, side: SideName): Map<number, Bits> {
  const other = otherSide(side);
  const all = unionOf(relation, other);
  const firsts: Bits[] = [];
  /** Those of several rectangles, with room for all that may come. */
  const grown: Bits[] = [];
  for (const rect of relation) {
    const more = rect[other];
    for (const member of membersOf(rect[side])) {
      const first = firsts[member];
      if (first === undefined) {
        firsts[member] = more;
        continue;
      }
      grown[member] ??= addTo(emptyLike(all), first);
      includeIn(grown[member], more);
    }
  }
  const found = new Map<number, Bits>();
  forEachBit(unionOf(relation, side), (member) => found.set(member, grown[member] ?? (firsts[member] as Bits)));
  return found;
}

/** Parts of the relation by which of the given sets of one side their members are in; the sets do not overlap. */
export function distributed(relation: Relation, side: SideName, sets: readonly Bits[]): readonly Relation[] {
  // Sorting all members pays for many sets only.
  if (sets.length <= 8 || sets.length * relation.length < 64) return sets.map((members) => restrict(relation, side, members));
  const place = new Map<number, number>();
  for (const [i, members] of sets.entries()) forEachBit(members, (member) => place.set(member, i));
  const parts: Rect[][] = sets.map(() => []);
  for (const rect of bySide(relation, side)) {
    const own = new Map<number, Bits>();
    forEachBit(rect[side], (member) => {
      const i = place.get(member);
      if (i !== undefined) own.set(i, withBit(own.get(i) ?? none, member));
    });
    for (const [i, members] of own) parts[i]?.push(side === 'x' ? { x: members, y: rect.y } : { x: rect.x, y: members });
  }
  return parts;
}

/** The pairs of the first that are not in the second. */
export function subtract(from: Relation, taken: Relation): Relation {
  if (taken.length === 0 || from.length === 0) return from;
  if (sameRects(from, taken)) return [];
  const rows = rowsOf(taken, 'x');
  const left = new Map<number, Bits>();
  for (const [member, row] of rowsOf(from, 'x')) {
    const minus = rows.get(member);
    const y = minus === undefined ? row : without(row, minus);
    if (!isEmpty(y)) left.set(member, y);
  }
  return grouped(left, 'x');
}

/** Equal pairs, in equal rectangles. */
export function sameRects(a: Relation, b: Relation): boolean {
  return a === b || (a.length === b.length && a.every(({ x, y }, i) => sameBits(x, (b[i] as Rect).x) && sameBits(y, (b[i] as Rect).y)));
}

export function hashOfRelation(relation: Relation): number {
  let hash = relation.length;
  for (const { x, y } of relation) hash = (Math.imul(hash, 31) + Math.imul(hashOf(x), 0x85ebca6b) + hashOf(y)) | 0;
  return hash;
}

/** Pairs of which one member is among what belongs to the other, and the pairs of which none is. */
export function splitBy(
  relation: Relation,
  belonging: Readonly<Record<SideName, (member: number) => Bits>>,
): { readonly within: Relation; readonly beside: Relation } {
  const within: Rect[] = [];
  const beside: Rect[] = [];
  for (const rect of relation) {
    const side = countOf(rect.x) <= countOf(rect.y) ? 'x' : 'y';
    const others = rect[otherSide(side)];
    const made = (members: Bits, own: Bits): Rect => (side === 'x' ? { x: members, y: own } : { x: own, y: members });
    let untouched = none;
    forEachBit(rect[side], (member) => {
      const own = and(others, belonging[side](member));
      if (own === none) {
        untouched = withBit(untouched, member);
        return;
      }
      within.push(made(oneBit(member), own));
      const left = without(others, own);
      if (!isEmpty(left)) beside.push(made(oneBit(member), left));
    });
    if (untouched !== none) beside.push(made(untouched, others));
  }
  return { within, beside };
}
