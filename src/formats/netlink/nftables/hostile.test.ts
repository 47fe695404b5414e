import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NftRuleset } from '#facts/nft.ts';
import type { Result } from '#facts/result.ts';
import { readNftables } from '../nftables.ts';
import { asIptablesSave } from './iptables/save-text.ts';

function concat(parts: readonly (readonly number[])[]): readonly number[] {
  const found: number[] = [];
  for (const part of parts) {
    found.push(...part);
    while (found.length % 4 !== 0) found.push(0);
  }
  return found;
}

const attribute = (type: number, value: readonly number[]): readonly number[] => [value.length + 4, 0, type, 0, ...value];
const text = (value: string): readonly number[] => [...new TextEncoder().encode(value), 0];
const be32 = (value: number): readonly number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

/** A message of nf_tables in family ip. */
function message(
  type: number,
  attributes: readonly (readonly number[])[],
  of: { flags?: number; family?: number } = {},
): readonly number[] {
  const body = concat(attributes);
  return [20 + body.length, 0, 0, 0, type, 10, of.flags ?? 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, of.family ?? 2, 0, 0, 0, ...body];
}

const table = message(0, [attribute(1, text('t')), attribute(2, be32(0)), attribute(4, [...be32(0), ...be32(7)])]);
const chain = message(3, [attribute(1, text('t')), attribute(3, text('c'))]);
const rule = (expressions: readonly (readonly number[])[]): readonly number[] =>
  message(6, [attribute(1, text('t')), attribute(2, text('c')), attribute(4, concat(expressions))]);
const expression = (name: string, attributes: readonly (readonly number[])[]): readonly number[] =>
  attribute(1, concat([attribute(1, text(name)), attribute(2, concat(attributes))]));

const read = (...messages: readonly (readonly number[])[]): Result<NftRuleset> => readNftables(Uint8Array.from(messages.flat()), 's');
const codeOf = (found: Result<NftRuleset>): string => (found.ok ? 'read' : found.problem.code);

function expressionsOf(found: Result<NftRuleset>): unknown {
  return found.ok ? found.value.tables[0]?.chains.get('c')?.rules[0]?.expressions : found.problem;
}

describe('what is not whole is a problem', () => {
  test.each<[title: string, messages: readonly (readonly number[])[], code: string]>([
    ['a message cut short', [table.slice(0, -4)], 'netlink-truncated'],
    ['a length below that of a header', [[4, 0, 0, 0]], 'netlink-truncated'],
    ['an interrupted dump', [message(0, [attribute(1, text('t'))], { flags: 0x10 })], 'netlink-dump-interrupted'],
    ['an error', [[20, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]], 'netlink-error'],
    [
      'messages of two generations',
      [message(15, [attribute(1, be32(1))]), message(15, [attribute(1, be32(2))])],
      'netlink-message-unreadable',
    ],
    ['a family that is not known', [message(0, [attribute(1, text('t'))], { family: 99 })], 'netlink-message-unreadable'],
    ['a table twice', [table, table], 'netlink-message-unreadable'],
    ['a chain twice', [table, chain, chain], 'netlink-message-unreadable'],
    ['a chain without its table', [chain], 'netlink-message-unreadable'],
    ['a rule without its chain', [table, rule([])], 'netlink-message-unreadable'],
    ['a message of another subsystem', [[...table.slice(0, 5), 6, ...table.slice(6)]], 'netlink-message-unknown'],
  ])('%s', (_, messages, code) => {
    expect(codeOf(read(...messages))).toBe(code);
  });

  test('an acknowledgement and the end of a dump are none', () => {
    const done = [20, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const acknowledged = [20, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    expect(codeOf(read(table, done, chain, acknowledged, rule([]), done))).toBe('read');
  });
});

describe('what is not known is unmodelled, never a default', () => {
  test.each<[title: string, expression: readonly number[], because: string]>([
    ['an expression', expression('osf', []), "expression 'osf' is not modelled"],
    ['an attribute, which may change what the others mean', expression('cmp', [attribute(9, be32(1))]), 'attribute 9 is not known'],
    ['a missing attribute', expression('cmp', [attribute(1, be32(1)), attribute(2, be32(0))]), 'attribute 3 holds no value'],
    ['a key of meta', expression('meta', [attribute(2, be32(99)), attribute(1, be32(1))]), 'value 99 of attribute 2 is not known'],
    ['a register', expression('meta', [attribute(2, be32(0)), attribute(1, be32(99))]), 'register 99'],
    ['a flag', expression('masq', [attribute(1, be32(0x100))]), 'flags 0x100 of attribute 1 are not known'],
    [
      'a verdict',
      expression('immediate', [attribute(1, be32(0)), attribute(2, attribute(2, attribute(1, be32(-9))))]),
      'a verdict that is not known',
    ],
    ['a number of another size', expression('meta', [attribute(2, [0, 0]), attribute(1, be32(1))]), 'attribute 2 is not of 4 bytes'],
  ])('%s', (_, bytes, because) => {
    expect(expressionsOf(read(table, chain, rule([bytes])))).toEqual([{ kind: 'unmodelled', name: expect.any(String), because }]);
  });

  test('a rule whose attributes overlap their end', () => {
    const whole = rule([expression('notrack', [])]);
    const broken = whole.with(44, 200);
    expect(expressionsOf(read(table, chain, whole))).toEqual([{ kind: 'notrack' }]);
    expect(expressionsOf(read(table, chain, whole, broken))).toEqual([{ kind: 'notrack' }]);
    const found = read(table, chain, whole, broken);
    const rules = found.ok ? found.value.tables[0]?.chains.get('c')?.rules : [];
    expect(rules?.[1]?.expressions[0]?.kind).toBe('unmodelled');
  });

  test('a hook makes the table unreadable', () => {
    const hook = attribute(4, concat([attribute(1, be32(40)), attribute(2, be32(0))]));
    const hooked = message(3, [attribute(1, text('t')), attribute(3, text('c')), hook, attribute(7, text('filter'))]);
    const found = read(table, hooked, rule([]));
    const because = 'chain c is at a hook that is not known';
    expect(found.ok && found.value.unreadable).toEqual([{ family: 'ip', table: 't', because }]);
  });
});

test('a flag of a table that is not known makes it unreadable', () => {
  const found = read(message(0, [attribute(1, text('t')), attribute(2, be32(8))]));
  expect(found.ok && found.value.unreadable).toEqual([{ family: 'ip', table: 't', because: 'table flags 0x8 are not known' }]);
});

/** Looks at everything, so that everything is decoded. */
function touch(found: Result<NftRuleset>): number {
  if (!found.ok) return found.problem.code.length;
  let size = 0;
  for (const { chains, sets } of found.value.tables) {
    for (const set of sets.values()) size += set.elements.length;
    for (const each of chains.values())
      size += (each.jumps?.length ?? 0) + each.rules.reduce((sum, { text: words }) => sum + words.length, 0);
  }
  return size + asIptablesSave(found.value, 'ip').length + asIptablesSave(found.value, 'ip6').length;
}

describe('hostile bytes never throw', () => {
  const recordings = ['native', 'native-in-iptables-tables', 'every-match'].map((name) =>
    Uint8Array.from(readFileSync(new URL(`../../fixtures/netlink/${name}.nftables`, import.meta.url))),
  );
  const recording = fc.constantFrom(...recordings);
  const flips = fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { minLength: 1, maxLength: 40 });

  test('with bytes changed', () => {
    fc.assert(
      fc.property(recording, flips, (bytes, changes) => {
        const changed = bytes.slice();
        for (const { at, to } of changes) changed[at % changed.length] = to;
        expect(touch(readNftables(changed, 's'))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  test('cut anywhere', () => {
    fc.assert(
      fc.property(recording, fc.nat(), (bytes, length) => {
        expect(touch(readNftables(bytes.slice(0, length % bytes.length), 's'))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 100 },
    );
  });
});
