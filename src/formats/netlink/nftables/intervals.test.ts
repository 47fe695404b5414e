import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NftElement } from '#facts/nft.ts';
import { type Boundary, closedIntervals } from './intervals.ts';

function element(key: number, of: Partial<NftElement> = {}): NftElement {
  const bytes = Uint8Array.of(key >> 8, key & 255);
  return { key: bytes, last: null, verdict: null, data: null, expires: null, stateful: false, catchall: false, ...of };
}

const number = (bytes: Uint8Array): number => ((bytes[0] as number) << 8) | (bytes[1] as number);

/** As the kernel looks: the nearest boundary at or below the key; of two at one key the one that starts. */
function holds(boundaries: readonly Boundary[], key: number): boolean {
  let best: Boundary | null = null;
  for (const boundary of boundaries) {
    const at = number(boundary.element.key);
    if (at > key) continue;
    const known: number = best === null ? -1 : number(best.element.key);
    if (at > known || (at === known && !boundary.ends)) best = boundary;
  }
  return best !== null && !best.ends;
}

test('a key is in a closed interval where the kernel finds it between boundaries', () => {
  const boundary = fc.record({ at: fc.integer({ min: 0, max: 520 }), ends: fc.boolean() });
  fc.assert(
    fc.property(fc.array(boundary, { maxLength: 12 }), (drawn) => {
      const boundaries = drawn.map(({ at, ends }) => ({ element: element(at), ends }));
      const intervals = closedIntervals(boundaries, 2);
      for (let key = 0; key <= 530; key++) {
        const found = intervals.some(({ key: first, last }) => number(first) <= key && key <= number(last ?? first));
        expect(found).toBe(holds(boundaries, key));
      }
    }),
  );
});

test('the last interval without an end goes to the last key, and what matches everything stays', () => {
  const all = element(0, { key: new Uint8Array(0), catchall: true });
  const found = closedIntervals(
    [
      { element: all, ends: false },
      { element: element(65000), ends: false },
    ],
    2,
  );
  expect(found).toEqual([element(65000, { last: Uint8Array.of(255, 255) }), all]);
});
