import { addTo, and, type Bits, copyOf, hashOf, isWithin, none, sameBits } from './bits.ts';

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

/** The pairs whose member of one side is among those given. Rectangles that have all of these become one. */
export function restrict(relation: Relation, side: SideName, members: Bits): Relation {
  const other = otherSide(side);
  const found: Rect[] = [];
  let whole: Bits | null = null;
  for (const rect of relation) {
    if (isWithin(rect[side], members)) {
      found.push(rect);
      continue;
    }
    const own = and(rect[side], members);
    if (own === none) continue;
    if (isWithin(members, own)) whole = addTo(whole ?? copyOf(rect[other]), rect[other]);
    else found.push(rectOf(side, own, rect[other]));
  }
  if (whole !== null) found.push(rectOf(side, members, whole));
  return found;
}

/** By the members of a side, and those of the other. */
export const rectOf = (side: SideName, members: Bits, others: Bits): Rect =>
  side === 'x' ? { x: members, y: others } : { x: others, y: members };

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

export const otherSide = (side: SideName): SideName => (side === 'x' ? 'y' : 'x');

/** Equal pairs, in equal rectangles. */
export function sameRects(a: Relation, b: Relation): boolean {
  return a === b || (a.length === b.length && a.every(({ x, y }, i) => sameBits(x, (b[i] as Rect).x) && sameBits(y, (b[i] as Rect).y)));
}

export function hashOfRelation(relation: Relation): number {
  let hash = relation.length;
  for (const { x, y } of relation) hash = (Math.imul(hash, 31) + Math.imul(hashOf(x), 0x85ebca6b) + hashOf(y)) | 0;
  return hash;
}
