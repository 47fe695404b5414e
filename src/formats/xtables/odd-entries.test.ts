import { describe, expect, test } from 'vitest';
import type { Family } from '#facts/address.ts';
import type { Result } from '#facts/result.ts';
import type { Rule, Ruleset } from '#facts/rule.ts';
import { entryLayouts } from './entry-layout.ts';
import { readLegacyTables } from './index.ts';

/** Bytes to put at offsets of an entry's head. */
type Head = Readonly<Record<number, number>>;

function extension(name: string, data: readonly number[], size = 32 + ((data.length + 7) & ~7)): Uint8Array {
  const bytes = new Uint8Array(32 + ((data.length + 7) & ~7));
  new DataView(bytes.buffer).setUint16(0, size, true);
  bytes.set(new TextEncoder().encode(name), 2);
  bytes.set(data, 32);
  return bytes;
}

const verdict = (value: number): Uint8Array => extension('', [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]);
const header = (name: string): Uint8Array => extension('ERROR', [...new TextEncoder().encode(name.padEnd(30, '\0'))]);
const [accept, drop, returns] = [verdict(-2), verdict(-1), verdict(-5)];

function entry(family: Family, target: Uint8Array, head: Head = {}, matches: readonly Uint8Array[] = []): Uint8Array {
  const { size, targetOffset, nextOffset } = entryLayouts[family];
  const before = matches.reduce((sum, match) => sum + match.length, size);
  const bytes = new Uint8Array(before + target.length);
  for (const [at, value] of Object.entries(head)) bytes[Number(at)] = value;
  const view = new DataView(bytes.buffer);
  view.setUint16(targetOffset, before, true);
  view.setUint16(nextOffset, bytes.length, true);
  let at = size;
  for (const part of [...matches, target]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const message = (type: number, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(16 + ((body.length + 3) & ~3));
  new DataView(bytes.buffer).setUint32(0, 16 + body.length, true);
  bytes[4] = type;
  bytes.set(body, 16);
  return bytes;
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((part) => [...part]));

/** A table of one INPUT chain (its policy is `policyAt`-th entry) and what follows; hooks by number to the offset of their entry. */
function read(
  family: Family,
  entries: readonly Uint8Array[],
  policyAt: number,
  hooks: Readonly<Record<number, number>> = { 1: 0 },
): Result<Ruleset> {
  const all = joined(entries);
  const info = new Uint8Array(84);
  const view = new DataView(info.buffer);
  info.set(new TextEncoder().encode('filter'));
  for (const [hook, at] of Object.entries(hooks)) {
    view.setUint32(32, view.getUint32(32, true) | (1 << Number(hook)), true);
    view.setUint32(36 + Number(hook) * 4, at, true);
    view.setUint32(
      56 + Number(hook) * 4,
      entries.slice(0, policyAt).reduce((sum, { length }) => sum + length, 0),
      true,
    );
  }
  view.setUint32(80, all.length, true);
  const answer = new Uint8Array(40 + all.length);
  new DataView(answer.buffer).setUint32(32, all.length, true);
  answer.set(all, 40);
  return readLegacyTables(joined([message(1, info), message(2, answer)]), { family, source: 's' });
}

const end = (family: Family): Uint8Array => entry(family, header('ERROR'));

/** A rule of INPUT. */
function ruleOf(family: Family, target: Uint8Array, head: Head = {}, matches: readonly Uint8Array[] = []): Rule {
  const found = read(family, [entry(family, target, head, matches), entry(family, accept), end(family)], 1);
  if (!found.ok) throw new Error(found.problem.found);
  return found.value.tables.get('filter')?.chains.get('INPUT')?.rules[0] as Rule;
}

const problemOf = (found: Result<Ruleset>): string => (found.ok ? '' : found.problem.found);

describe('entries that no iptables writes', () => {
  const { source, sourceMask, inversions, flags, protocol } = entryLayouts.ip;

  test('a rule that means what it says', () => {
    const head = { [source]: 10, [sourceMask]: 255, [inversions]: 8, [protocol]: 6 };
    expect(ruleOf('ip', drop, head)).toMatchObject({
      text: '! -s 10.0.0.0/8 -p tcp -j DROP',
      target: { kind: 'drop' },
      matches: [
        { kind: 'source', negated: true, prefix: { words: [0x0a000000], bits: 8 } },
        { kind: 'protocol', number: 6 },
      ],
    });
  });

  test.each<[title: string, rule: () => Rule]>([
    [
      'an address with bits outside its mask, which the kernel never finds equal',
      () => ruleOf('ip', drop, { [source]: 10, [source + 3]: 1, [sourceMask]: 255 }),
    ],
    ['not a fragment, of a rule that does not ask', () => ruleOf('ip', drop, { [inversions]: 32 })],
    ['an inversion of the type of service', () => ruleOf('ip', drop, { [inversions]: 4 })],
    ['a flag of the future', () => ruleOf('ip', drop, { [flags]: 8 })],
    ['an IPv6 protocol without the flag that makes the kernel look', () => ruleOf('ip6', drop, { [entryLayouts.ip6.protocol]: 6 })],
    ['an interface mask with holes', () => ruleOf('ip', drop, { 16: 101, 48: 255, 50: 255 })],
    ['a match longer than its entry', () => ruleOf('ip', drop, {}, [extension('mark', Array(12).fill(0), 4000)])],
    ['a match that steps to itself', () => ruleOf('ip', drop, {}, [extension('mark', Array(12).fill(0), 0)])],
  ])('%s is unmodelled', (_title, rule) => {
    expect(rule().matches).toContainEqual(expect.objectContaining({ kind: 'unmodelled' }));
    expect(rule().text).toMatch(/-j DROP$/);
  });

  test('an IPv6 protocol of 0 with its flag is every protocol', () => {
    expect(ruleOf('ip6', drop, { [entryLayouts.ip6.flags]: 1 }).matches).toEqual([]);
  });

  test.each<[title: string, target: Uint8Array]>([
    ['a verdict of nobody', verdict(-9)],
    ['a jump into the middle of a rule', verdict(8)],
    ['a target without a name and without a verdict', extension('', [])],
  ])('%s is an unmodelled target', (_title, target) => {
    expect(ruleOf('ip', target).target.kind).toBe('unmodelled');
  });

  test('a verdict that is the next entry is no target', () => {
    const size = entryLayouts.ip.size + verdict(0).length;
    expect(ruleOf('ip', verdict(size))).toMatchObject({ text: '', target: { kind: 'continue', name: '' } });
  });
});

describe('tables that no iptables writes are a problem', () => {
  const rule = entry('ip', drop);
  const policy = entry('ip', accept);
  const chain = (name: string): readonly Uint8Array[] => [entry('ip', header(name)), entry('ip', returns)];

  test('unless they are whole', () => {
    const found = read('ip', [rule, policy, ...chain('A'), ...chain('B'), end('ip')], 1);
    expect(found.ok && [...(found.value.tables.get('filter')?.chains.keys() ?? [])]).toEqual(['INPUT', 'A', 'B']);
  });

  test.each<[found: RegExp, read: () => Result<Ruleset>]>([
    [/chain 'A' twice/, () => read('ip', [policy, ...chain('A'), ...chain('A'), end('ip')], 0)],
    [/chain 'A' without an end/, () => read('ip', [policy, entry('ip', header('A')), rule, end('ip')], 0)],
    [/chain 'A' without an end/, () => read('ip', [policy, entry('ip', header('A')), entry('ip', returns, { 80: 6 }), end('ip')], 0)],
    [/chain 'A' without an end/, () => read('ip', [policy, entry('ip', header('A')), end('ip')], 0)],
    [/two hooks with one chain/, () => read('ip', [policy, end('ip')], 0, { 1: 0, 2: 0 })],
    [/hook that begins within an entry/, () => read('ip', [rule, policy, end('ip')], 1, { 1: 0, 2: 8 })],
    [/hook input at an ERROR target/, () => read('ip', [end('ip'), policy, end('ip')], 1)],
    [/end of the table in chain 'INPUT'/, () => read('ip', [rule, policy], 1)],
    [/chain 'INPUT' without a policy/, () => read('ip', [entry('ip', accept, { 80: 6 }), end('ip')], 0)],
    [/chain 'INPUT' without a policy/, () => read('ip', [policy, policy, end('ip')], 0)],
    [
      /entry at byte 0 that does not fit/,
      () => read('ip', [entry('ip', extension('DNAT', Array(44).fill(0), 4000)), policy, end('ip')], 1),
    ],
  ])('%s', (found, tables) => {
    expect(problemOf(tables())).toMatch(found);
  });
});
