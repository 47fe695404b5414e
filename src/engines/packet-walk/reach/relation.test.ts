import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bits, forEachBit, none, withBit } from './bits.ts';
import { bySide, distributed, splitBy, subtract } from './by-rows.ts';
import { replaced } from './moves.ts';
import { merged, type Relation } from './relation.ts';

const setOf = (members: readonly number[]): Bits => members.reduce(withBit, { ...none, words: [] });
const members = fc.uniqueArray(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 40 });
const few = fc.uniqueArray(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 3 });
const rect = fc.oneof(fc.record({ x: members, y: members }), fc.record({ x: members, y: few }), fc.record({ x: few, y: members }));
const relation = fc
  .array(rect, { minLength: 1, maxLength: 30 })
  .map((all): Relation => all.map(({ x, y }) => ({ x: setOf(x), y: setOf(y) })));

function pairsOf(all: Relation): readonly string[] {
  const found = new Set<string>();
  for (const { x, y } of all) forEachBit(x, (a) => forEachBit(y, (b) => found.add(`${a} ${b}`)));
  return [...found].toSorted();
}

const sides = fc.constantFrom('x' as const, 'y' as const);

test('by a side, and merged, a relation has the pairs that it had, and each member of the side is in one rectangle', () => {
  fc.assert(
    fc.property(relation, sides, (all, side) => {
      const sorted = bySide(all, side);
      expect(pairsOf(sorted)).toEqual(pairsOf(all));
      if (all.length > 1) {
        const seen: number[] = [];
        for (const each of sorted) forEachBit(each[side], (member) => seen.push(member));
        expect(new Set(seen).size).toBe(seen.length);
      }
      expect(pairsOf(merged(all))).toEqual(pairsOf(all));
    }),
  );
});

test('what is subtracted is gone, and nothing else', () => {
  fc.assert(
    fc.property(relation, relation, (all, taken) => {
      const gone = new Set(pairsOf(taken));
      expect(pairsOf(subtract(all, taken))).toEqual(pairsOf(all).filter((pair) => !gone.has(pair)));
    }),
  );
});

test('distributed by sets of members, few or many, each part has the pairs of its members', () => {
  fc.assert(
    fc.property(relation, sides, fc.constantFrom(3, 20), (all, side, count) => {
      const sets = Array.from({ length: count }, (_, i) => setOf(Array.from({ length: 151 }, (_, n) => n).filter((n) => n % count === i)));
      const parts = distributed([...all, ...all], side, sets);
      for (const [i, part] of parts.entries()) {
        const own = pairsOf(all).filter((pair) => Number(pair.split(' ')[side === 'x' ? 0 : 1]) % count === i);
        expect(pairsOf(part)).toEqual(own);
      }
    }),
  );
});

test('split by what belongs together, every pair is on its side', () => {
  fc.assert(
    fc.property(relation, (all) => {
      const alike = (member: number): Bits => setOf([0, 1, 2, 3].map((n) => n * 40 + (member % 40)).filter((n) => n <= 150));
      const { within, beside } = splitBy(all, { x: alike, y: alike });
      const belongs = (pair: string): boolean => {
        const [a, b] = pair.split(' ').map(Number);
        return (a as number) % 40 === (b as number) % 40;
      };
      expect(pairsOf(within)).toEqual(pairsOf(all).filter(belongs));
      expect(pairsOf(beside)).toEqual(pairsOf(all).filter((pair) => !belongs(pair)));
    }),
  );
});

test('with members replaced, by others as much later or by any, the pairs are those of the others', () => {
  fc.assert(
    fc.property(relation, sides, fc.integer({ min: 0, max: 100 }), fc.boolean(), (all, side, step, same) => {
      const by = Array.from({ length: 151 }, (_, n) => (same ? n + step : (n * step) % 97));
      const moved = pairsOf(all).map((pair) => {
        const [a, b] = pair.split(' ').map(Number) as [number, number];
        return side === 'x' ? `${by[a]} ${b}` : `${a} ${by[b]}`;
      });
      expect(pairsOf(replaced(all, side, by))).toEqual([...new Set(moved)].toSorted());
    }),
  );
});
