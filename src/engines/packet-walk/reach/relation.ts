import { and, type Bits, hashOf, isEmpty, isWithin, or, sameBits, without } from './bits.ts';

/** All pairs of its sources and its destinations. */
export interface Rect {
  readonly x: Bits;
  readonly y: Bits;
}

/** A set of pairs, as rectangles that may overlap. */
export type Relation = readonly Rect[];
export type SideName = 'x' | 'y';

export function unionOf(relation: Relation, side: SideName): Bits {
  const [first, ...rest] = relation;
  if (first === undefined) return new Uint32Array(0);
  return rest.reduce((all, rect) => (isWithin(rect[side], all) ? all : or(all, rect[side])), first[side]);
}

/** The pairs whose member of one side is among those given. */
export function restrict(relation: Relation, side: SideName, members: Bits): Relation {
  const found: Rect[] = [];
  for (const rect of relation) {
    const own = and(rect[side], members);
    if (!isEmpty(own)) found.push(side === 'x' ? { x: own, y: rect.y } : { x: rect.x, y: own });
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
  const groups = new Map<number, { readonly key: Bits; all: Bits }[]>();
  for (const rect of relation) {
    const hash = hashOf(rect[same]);
    const alike = groups.get(hash);
    const found = alike?.find(({ key }) => sameBits(key, rect[same]));
    if (found !== undefined) found.all = or(found.all, rect[other]);
    else if (alike === undefined) groups.set(hash, [{ key: rect[same], all: rect[other] }]);
    else alike.push({ key: rect[same], all: rect[other] });
  }
  return [...groups.values()].flat().map(({ key, all }) => (same === 'x' ? { x: key, y: all } : { x: all, y: key }));
}

/** The pairs of the first that are not in the second. */
export function subtract(from: Relation, taken: Relation): Relation {
  let left = from;
  for (const { x, y } of taken) {
    if (left.length === 0) break;
    left = left.flatMap((rect) => {
      const common = and(rect.x, x);
      if (isEmpty(common)) return [rect];
      const rows = without(rect.x, x);
      const columns = without(rect.y, y);
      return [...(isEmpty(rows) ? [] : [{ x: rows, y: rect.y }]), ...(isEmpty(columns) ? [] : [{ x: common, y: columns }])];
    });
  }
  return left;
}
