import { expect, test } from 'vitest';
import type { NftExpression } from '#facts/nft.ts';
import { bytes, compared, drop, meta, payload, ruleOf, tcp, walkNft } from '../../../../test/support/walk-nft.ts';
import type { NftContext } from './context.ts';
import { keysOf } from './rule-key.ts';

const context = { family: 'ip', littleEndian: true } as unknown as NftContext;
const keys = (rule: readonly NftExpression[]): readonly string[] =>
  keysOf(ruleOf(rule), context).map(({ dimension, value }) => `${dimension} ${value}`);
const name = [...'eth0'.padEnd(16, '\0')].map((each) => each.charCodeAt(0));

test('a rule says what it wants first: addresses, interfaces, a port', () => {
  const rule = [
    ...compared(meta('iifname'), name),
    ...compared(payload('network', 12, 8), [192, 168, 0, 9, 10, 0, 0, 2]),
    ...compared(payload('transport', 2, 2), [0, 80]),
  ];
  expect(keys(rule)).toEqual(['in eth0', `source ${0xc0a80009}`, `destination ${0x0a000002}`, 'destination-port 80']);
});

test('a prefix, a negation, a wildcard and a masked address are no keys', () => {
  expect(keys(compared(payload('network', 16, 3), [10, 0, 0]))).toEqual([]);
  expect(keys(compared(payload('network', 16, 4), [10, 0, 0, 2], 'neq'))).toEqual([]);
  expect(keys(compared(meta('iifname'), name.slice(0, 3)))).toEqual([]);
  const [load, compare] = compared(payload('network', 16, 4), [10, 0, 0, 0]) as [NftExpression, NftExpression];
  const mask: NftExpression = { kind: 'bitwise', from: 0, to: 0, length: 4, mask: bytes(255, 0, 0, 0), xor: bytes(0, 0, 0, 0) };
  expect(keys([load, mask, compare])).toEqual([]);
});

test('what stands behind something that acts is no key', () => {
  const set: NftExpression = { kind: 'meta-set', key: 'mark', from: 0 };
  expect(keys([set, ...compared(payload('network', 16, 4), [10, 0, 0, 2])])).toEqual([]);
});

test('a chain of many rules gives the same answer by its index', () => {
  const rules = Array.from({ length: 50 }, (_, i) => [...compared(payload('network', 16, 4), [10, 0, 0, i]), drop]);
  expect(walkNft(rules).blame?.rule).toBe(3);
  expect(walkNft(rules, { ...tcp, to: { family: 'ip', words: [0x0a0000c8] } }).request.verdict).toBe('delivered');
});
