import { expect, test } from 'vitest';
import type { NftExpression } from '#facts/nft.ts';
import { address, bytes, drop, element, matches, payload, setOf, tcp, walkNft } from '../../../../test/support/walk-nft.ts';
import { jhash, scale } from './jhash.ts';

const numgen = (modulus: number, offset = 0): NftExpression => ({ kind: 'numgen', type: 'random', modulus, offset, to: 0 });
const outcomes = (rule: readonly NftExpression[], scene = {}): readonly unknown[] =>
  (walkNft([rule], tcp, scene).request.outcomes ?? []).map(({ verdict, probability }) => [verdict, probability]);

test('nft_numgen.c: values that come to the same are one outcome with their share', () => {
  const few: readonly NftExpression[] = [
    numgen(100),
    { kind: 'byteorder', from: 0, to: 0, length: 4, size: 4 },
    { kind: 'compare', op: 'lt', from: 0, value: bytes(0, 0, 0, 30) },
    drop,
  ];
  expect(outcomes(few)).toEqual([
    ['dropped', 0.3],
    ['delivered', 0.7],
  ]);
});

test('nft_numgen.c: each value of a verdict map has its share, and those that it lacks have none', () => {
  const lookup: NftExpression = { kind: 'lookup', set: 's', from: 0, to: 'verdict', negated: false };
  const elements = [element([0, 0, 0, 0], { verdict: { kind: 'drop' } }), element([1, 0, 0, 0], { verdict: { kind: 'accept' } })];
  expect(outcomes([numgen(4), lookup], { sets: [setOf('s', { map: 'verdict', elements })] })).toEqual([
    ['dropped', 0.25],
    ['delivered', 0.75],
  ]);
});

test('nft_numgen.c: a value that later expressions look at again is not joined with others', () => {
  const compare = (value: number): NftExpression => ({ kind: 'compare', op: 'neq', from: 0, value: bytes(value, 0, 0, 0) });
  expect(outcomes([numgen(4), compare(0), compare(1), drop])).toEqual([
    ['delivered', 0.5],
    ['dropped', 0.5],
  ]);
});

test('nft_numgen.c: of a modulus of 1 there is nothing to choose, and the offset is added', () => {
  expect(matches([numgen(1, 7), { kind: 'compare', op: 'eq', from: 0, value: bytes(7, 0, 0, 0) }])).toBe('yes');
});

test('jhash.h: lookup3 of known texts', () => {
  const text = Uint8Array.from('Four score and seven years ago', (each) => each.charCodeAt(0));
  expect([jhash(text, 0), jhash(text, 1), jhash(new Uint8Array(0), 0)]).toEqual([0x17770551, 0xcd628161, 0xdeadbeef]);
});

test('nft_hash.c: with a seed the value is computed, without one all are possible', () => {
  const hash = (seed: number | null): readonly NftExpression[] => [
    payload('network', 12, 4),
    { kind: 'hash', type: 'jhash', from: 0, length: 4, modulus: 4, seed, offset: 0, to: 1 },
    { kind: 'compare', op: 'eq', from: 1, value: bytes(scale(jhash(bytes(192, 168, 0, 9), 5), 4), 0, 0, 0) },
  ];
  expect([matches(hash(5)), matches(hash(5), { ...tcp, from: address('192.168.0.7') }), matches(hash(null))]).toEqual([
    'yes',
    'no',
    'depends',
  ]);
});
