import { describe, expect, test } from 'vitest';
import type { NftExpression } from '#facts/nft.ts';
import { textOf } from './parts.ts';
import { asIptablesRule } from './recognize.ts';

const drop: NftExpression = { kind: 'verdict', verdict: { kind: 'drop' } };
const meta = (key: string): NftExpression => ({ kind: 'meta', key, to: 0 });
const payload = (base: 'network' | 'transport', offset: number, length: number): NftExpression => ({
  kind: 'payload',
  base,
  offset,
  length,
  to: 0,
});
const equals = (...value: readonly number[]): NftExpression => ({ kind: 'compare', op: 'eq', from: 0, value: Uint8Array.from(value) });
const masked = (...mask: readonly number[]): NftExpression => ({
  kind: 'bitwise',
  from: 0,
  to: 0,
  length: mask.length,
  mask: Uint8Array.from(mask),
  xor: new Uint8Array(mask.length),
});

function wordsOf(...expressions: readonly NftExpression[]): string | null {
  const found = asIptablesRule({ expressions, comment: null }, { family: 'ip', littleEndian: true });
  return found === null ? null : textOf(found);
}

test('a name that is loaded and not compared is no condition', () => {
  expect(wordsOf(meta('iifname'), drop)).toBe('-j DROP');
});

test.each<[op: 'gt' | 'gte' | 'lt' | 'lte', words: string]>([
  ['gt', '--dport 10:65535'],
  ['gte', '--dport 9:65535'],
  ['lt', '--dport 0:8'],
  ['lte', '--dport 0:9'],
])('a port that is %s 9 is a range', (op, words) => {
  const compared: NftExpression = { kind: 'compare', op, from: 0, value: Uint8Array.of(0, 9) };
  expect(wordsOf(meta('l4proto'), equals(6), payload('transport', 2, 2), compared, drop)).toBe(`-p tcp -m tcp ${words} -j DROP`);
});

describe('has no words in iptables', () => {
  test.each<[title: string, expressions: readonly NftExpression[]]>([
    ['a load that may fail, and ends the rule then', [meta('skuid'), drop]],
    ['a payload that is not compared', [payload('network', 12, 4), drop]],
    ['two sources', [payload('network', 12, 4), equals(1, 2, 3, 4), payload('network', 12, 4), equals(1, 2, 3, 5), drop]],
    ['a source under a mask that leaves bits of the value', [payload('network', 12, 4), masked(255, 0, 0, 0), equals(10, 1, 0, 0), drop]],
    ['another register', [payload('network', 12, 4), { kind: 'compare', op: 'eq', from: 4, value: Uint8Array.of(1, 2, 3, 4) }, drop]],
    ['ports before their protocol', [payload('transport', 2, 2), equals(0, 80), meta('l4proto'), equals(6), drop]],
    [
      'ports of all protocols but one',
      [meta('l4proto'), { kind: 'compare', op: 'neq', from: 0, value: Uint8Array.of(6) }, payload('transport', 2, 2), equals(0, 80), drop],
    ],
    [
      'a source that is less than another',
      [payload('network', 12, 4), { kind: 'compare', op: 'lt', from: 0, value: Uint8Array.of(1, 2, 3, 4) }, drop],
    ],
    ['what follows a verdict', [drop, meta('l4proto'), equals(6)]],
    [
      'a flag of TCP that iptables does not know',
      [meta('l4proto'), equals(6), payload('transport', 13, 1), masked(0x40), equals(0x40), drop],
    ],
    ['the log of the kernel itself', [{ kind: 'log', prefix: 'x', text: 'prefix "x"' }]],
    ['a rate that is exceeded', [{ kind: 'limit', rate: 5, per: 1, burst: 5, unit: 'packets', over: true }, drop]],
    ['what is not modelled', [{ kind: 'unmodelled', name: 'osf', because: 'no' }, drop]],
  ])('%s', (_, expressions) => {
    expect(wordsOf(...expressions)).toBeNull();
  });
});
