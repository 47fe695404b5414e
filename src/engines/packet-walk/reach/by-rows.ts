import { and, type Bits, countOf, forEachBit, hashOf, isEmpty, none, oneBit, sameBits, withBit, without } from './bits.ts';
import { otherSide, type Rect, type Relation, restrict, type SideName, sameRects } from './relation.ts';
import { rowsOf } from './rows.ts';

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
