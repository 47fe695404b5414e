import { expect, test } from 'vitest';
import { drop, walkNft } from '../../../test/support/walk-nft.ts';

const chance = { kind: 'limit', rate: 1, per: 1, burst: 1, unit: 'packets', over: true } as const;
const unknown = { kind: 'unmodelled', name: 'osf', because: 'not modelled' } as const;

test.each([
  ['chance', chance],
  ['a rule that nobody can tell', unknown],
])('PW2 lost whatever %s says, all rules that it may be lost at are named', (_, first) => {
  const { request, blame, blames } = walkNft([[first, drop], [drop]]);
  expect(request.verdict).toBe('dropped');
  expect(blame).toEqual(blames?.[0]);
  expect(blames?.map(({ rule }) => rule)).toEqual([1, 2]);
});

test('PW2 where one rule loses it on every way that rule alone is blamed', () => {
  const { blame, blames } = walkNft([[unknown], [drop]]);
  expect([blame?.rule, blames]).toEqual([2, undefined]);
});
