import { expect, test } from 'vitest';
import type { NftElement, NftExpression, NftSet } from '#facts/nft.ts';
import {
  bytes,
  compared,
  drop,
  element,
  matches,
  meta,
  payload,
  ping,
  setOf,
  tcp,
  tcp6,
  udp,
  walkNft,
} from '../../../../test/support/walk-nft.ts';

type To = Extract<NftExpression, { kind: 'lookup' }>['to'];
const lookup = (to: To = null, negated = false): NftExpression => ({ kind: 'lookup', set: 's', from: 0, to, negated });
const source = payload('network', 12, 4);
const port = payload('transport', 2, 2);
const hosts = (elements: readonly NftElement[], change: Partial<NftSet> = {}): NftSet => setOf('s', { elements, ...change });
const ports = (elements: readonly NftElement[], change: Partial<NftSet> = {}): NftSet =>
  setOf('s', { keyFields: [2], keyLength: 2, elements, ...change });
const own = element([192, 168, 0, 9]);
const range = (first: readonly number[], last: readonly number[], change: Partial<NftElement> = {}): NftElement =>
  element(first, { last: Uint8Array.from(last), ...change });

test.each<readonly [title: string, rule: readonly NftExpression[], set: NftSet, expected: string]>([
  ['an element of the set', [source, lookup()], hosts([element([10, 9, 9, 9]), own]), 'yes'],
  ['no element of the set', [source, lookup()], hosts([element([10, 9, 9, 9])]), 'no'],
  ['no element, negated', [source, lookup(null, true)], hosts([element([10, 9, 9, 9])]), 'yes'],
  ['an element, negated', [source, lookup(null, true)], hosts([own]), 'no'],
  ['an empty set, negated', [source, lookup(null, true)], hosts([]), 'yes'],
  ['the first of an interval', [source, lookup()], hosts([range([192, 168, 0, 9], [192, 168, 0, 20])]), 'yes'],
  [
    'the last of an interval',
    [source, lookup()],
    hosts([range([192, 168, 0, 1], [192, 168, 0, 9]), range([192, 168, 1, 0], [192, 168, 1, 255])]),
    'yes',
  ],
  [
    'between intervals',
    [source, lookup()],
    hosts([range([192, 168, 0, 1], [192, 168, 0, 8]), range([192, 168, 0, 10], [192, 168, 0, 255])]),
    'no',
  ],
  [
    'intervals in any order',
    [source, lookup()],
    hosts([range([200, 0, 0, 0], [210, 0, 0, 0]), range([1, 0, 0, 0], [2, 0, 0, 0]), range([192, 0, 0, 0], [193, 0, 0, 0])]),
    'yes',
  ],
  ['a port of two bytes', [port, lookup()], ports([element([0, 80])]), 'yes'],
  ['a catch-all', [source, lookup()], hosts([element([], { catchall: true })]), 'yes'],
  [
    'a negated look-up in a set with a catch-all depends on the kernel',
    [source, lookup(null, true)],
    hosts([own, element([], { catchall: true })]),
    'a negated look-up in a set with a catch-all',
  ],
  ['an element that may have timed out', [source, lookup()], hosts([{ ...own, expires: 5000 }], { timeout: true }), 'depends'],
  ['an element with a limit of its own', [source, lookup()], hosts([{ ...own, stateful: true }]), 'depends'],
  ['what a set that rules fill does not hold', [source, lookup()], hosts([], { dynamic: true }), 'depends'],
  ['what a set that rules fill does hold', [source, lookup()], hosts([own], { dynamic: true }), 'yes'],
  [
    'a set that is not there',
    [source, { kind: 'lookup', set: 'other', from: 0, to: null, negated: false }],
    hosts([]),
    'set other is not in the snapshot',
  ],
])('nft_lookup.c: %s', (_title, rule, set, expected) => {
  expect(matches(rule, tcp, { sets: [set] })).toBe(expected);
});

const concatenated = (elements: readonly NftElement[], change: Partial<NftSet> = {}): NftSet =>
  setOf('s', { keyFields: [4, 1, 2], keyLength: 12, elements, ...change });
const three: readonly NftExpression[] = [source, meta('l4proto', 1), payload('transport', 2, 2, 2), lookup()];

test.each<readonly [title: string, set: NftSet, expected: string]>([
  ['fields are padded to four bytes', concatenated([element([192, 168, 0, 9, 6, 0, 0, 0, 0, 80, 0, 0])]), 'yes'],
  ['another port', concatenated([element([192, 168, 0, 9, 6, 0, 0, 0, 0, 81, 0, 0])]), 'no'],
  [
    'an interval in each field',
    concatenated([range([192, 168, 0, 0, 6, 0, 0, 0, 0, 1, 0, 0], [192, 168, 0, 255, 6, 0, 0, 0, 0, 99, 0, 0])]),
    'yes',
  ],
  [
    'inside as a whole and not field by field',
    concatenated([range([192, 168, 0, 0, 17, 0, 0, 0, 0, 90, 0, 0], [192, 168, 0, 255, 17, 0, 0, 0, 0, 99, 0, 0])]),
    'no',
  ],
  [
    'above in one field',
    concatenated([range([192, 168, 0, 0, 6, 0, 0, 0, 0, 1, 0, 0], [192, 168, 0, 255, 6, 0, 0, 0, 0, 79, 0, 0])]),
    'no',
  ],
  [
    'the second of two that begin alike',
    concatenated([
      range([192, 168, 0, 0, 6, 0, 0, 0, 0, 1, 0, 0], [192, 168, 0, 255, 6, 0, 0, 0, 0, 79, 0, 0]),
      range([192, 168, 0, 0, 6, 0, 0, 0, 0, 80, 0, 0], [192, 168, 255, 255, 6, 0, 0, 0, 255, 255, 0, 0]),
    ]),
    'yes',
  ],
])('nft_set_pipapo.c, nft_set_hash.c: %s', (_title, set, expected) => {
  expect(matches(three, tcp, { sets: [set] })).toBe(expected);
});

test('nft_set_hash.c: 100,000 elements, each found and nothing else', () => {
  const elements = Array.from({ length: 100_000 }, (_, i) => element([10, i >> 16, (i >> 8) & 255, i & 255]));
  const sets = [hosts(elements)];
  const from = (words: number): typeof tcp => ({ ...tcp, from: { family: 'ip', words: [words] } });
  expect(matches([source, lookup()], from(0x0a000000 + 99_999), { sets })).toBe('yes');
  expect(matches([source, lookup()], from(0x0a000000 + 100_000), { sets })).toBe('no');
});

test('a verdict map: jump, drop, continue, and no verdict at all for a miss', () => {
  const sets = [
    ports(
      [
        element([0, 80], { verdict: { kind: 'jump', chain: 'deny' } }),
        element([0, 53], { verdict: { kind: 'accept' } }),
        element([0, 54], { verdict: { kind: 'continue' } }),
        element([0, 55], { verdict: { kind: 'break' } }),
      ],
      { map: 'verdict' },
    ),
  ];
  const verdicts = [80, 53, 54, 55, 99].map(
    (toPort) => walkNft([[port, lookup('verdict'), drop]], { ...tcp, toPort }, { sets, chains: { deny: [[drop]] } }).request.verdict,
  );
  expect(verdicts).toEqual(['dropped', 'delivered', 'dropped', 'delivered', 'delivered']);
});

test('a verdict map with a key that is not known leads everywhere it may', () => {
  const verdict = { kind: 'drop' } as const;
  const sets = [ports([element([0, 80], { verdict }), element([0, 81], { verdict })], { map: 'verdict' })];
  const { request, undecided } = walkNft([[port, lookup('verdict')]], ping, { sets });
  expect([request.verdict, undecided[0]?.because]).toEqual(['undecided', undefined]);
  const none = [ports([], { map: 'verdict' })];
  expect(walkNft([[port, lookup('verdict')]], ping, { sets: none }).request.verdict).toBe('delivered');
});

test('a map gives data to the next expression', () => {
  const sets = [ports([element([0, 80], { data: bytes(7, 0, 0, 0) })], { map: 'data', dataLength: 4 })];
  const rule: readonly NftExpression[] = [port, lookup(1), { kind: 'compare', op: 'eq', from: 1, value: bytes(7, 0, 0, 0) }];
  expect([matches(rule, tcp, { sets }), matches(rule, udp, { sets })]).toEqual(['yes', 'no']);
});

test('a register that was compared is still there for a look-up', () => {
  const rule = [...compared(source, [192, 168, 0, 9]), lookup()];
  expect(matches(rule, tcp, { sets: [hosts([own])] })).toBe('yes');
});

test('IPv6 addresses in an interval', () => {
  const key = (last: number): readonly number[] => [0xfd, 1, ...new Array<number>(13).fill(0), last];
  const sets = [setOf('s', { keyFields: [16], keyLength: 16, elements: [range(key(5), key(9)), range(key(20), key(30))] })];
  const rule = [payload('network', 8, 16), lookup()];
  expect(matches(rule, tcp6, { sets })).toBe('yes');
  expect(matches([...compared(meta('nfproto'), [2]), ...rule], tcp6, { sets })).toBe('no');
});
