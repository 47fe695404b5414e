import { type Bits, countOf, emptyLike, forEachBit, includeIn, trimmed } from './bits.ts';
import { otherSide, type Rect, type Relation, type SideName, unionOf } from './relation.ts';

/** Rectangles with more others than this are added member by member. */
const narrow = 4;

/** For each member of a side its others. They may be a rectangle's own set: they must not be changed. */
export function rowsOf(relation: Relation, side: SideName): ReadonlyMap<number, Bits> {
  const other = otherSide(side);
  const members = unionOf(relation, side);
  const rows: Bits[] = [];
  if (countOf(members) === relation.reduce((sum, rect) => sum + countOf(rect[side]), 0))
    for (const rect of relation)
      forEachBit(rect[side], (member) => {
        rows[member] = rect[other];
      });
  else addRows(relation, side, rows);
  const found = new Map<number, Bits>();
  forEachBit(members, (member) => found.set(member, rows[member] as Bits));
  return found;
}

function addRows(relation: Relation, side: SideName, rows: Bits[]): void {
  const other = otherSide(side);
  const members = unionOf(relation, side);
  const all = unionOf(relation, other);
  forEachBit(members, (member) => {
    rows[member] = emptyLike(all);
  });
  const byWord = new Map<number, { readonly rect: Rect; readonly word: number }[]>();
  for (const rect of relation) {
    const { base, words } = rect[other];
    if (countOf(rect[other]) > narrow) forEachBit(rect[side], (member) => includeIn(rows[member] as Bits, rect[other]));
    else
      for (let i = 0; i < words.length; i++) {
        const word = words[i] as number;
        if (word === 0) continue;
        const here = byWord.get(base + i);
        if (here === undefined) byWord.set(base + i, [{ rect, word }]);
        else here.push({ rect, word });
      }
  }
  for (const [at, rects] of byWord) addTransposed(rects, { side, members, at: at - all.base }, rows);
  forEachBit(members, (member) => {
    rows[member] = trimmed(rows[member] as Bits);
  });
}

/** Rectangles whose others are all in one word, at that place of the rows: 32 members with 32 others at once. */
function addTransposed(
  rects: readonly { readonly rect: Rect; readonly word: number }[],
  { side, members: { base, words }, at }: { readonly side: SideName; readonly members: Bits; readonly at: number },
  rows: readonly Bits[],
): void {
  const columns: Bits[] = [];
  for (const { rect, word } of rects)
    forEachBit({ base: 0, words: [word] }, (bit) => {
      columns[bit] ??= emptyLike({ base, words });
      includeIn(columns[bit], rect[side]);
    });
  for (let i = 0; i < words.length; i++) {
    if (words[i] === 0) continue;
    for (let bit = 0; bit < 32; bit++) block[bit] = columns[bit]?.words[i] ?? 0;
    transpose(block);
    for (let bit = 0; bit < 32; bit++) {
      const word = block[bit] as number;
      if (word === 0) continue;
      const row = (rows[(base + i) * 32 + bit] as Bits).words;
      row[at] = (row[at] as number) | word;
    }
  }
}

const block = new Int32Array(32);

/** Bit r of word c becomes bit c of word r: halves are exchanged, then quarters, and so on. */
function transpose(all: Int32Array): void {
  for (let width = 16, mask = 0xffff; width !== 0; width >>= 1, mask ^= mask << width)
    for (let i = 0; i < 32; i = (i + width + 1) & ~width) {
      const moved = (((all[i] as number) >>> width) ^ (all[i + width] as number)) & mask;
      all[i] = (all[i] as number) ^ (moved << width);
      all[i + width] = (all[i + width] as number) ^ moved;
    }
}
