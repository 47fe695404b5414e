import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Family } from '#facts/address.ts';
import type { Rule, Ruleset } from '#facts/rule.ts';
import { readIptablesSave } from '../iptables-save.ts';
import { asIptablesSave, readLegacyTables, readSetNames, type SetNames } from './index.ts';

const file = (name: string): Buffer => readFileSync(new URL(`../fixtures/xtables/${name}`, import.meta.url));
const bytesOf = (name: string): Uint8Array => new Uint8Array(gunzipSync(file(`${name}.bin.gz`)));

function namesOf(name: string): SetNames {
  const found = readSetNames(new Uint8Array(file(`${name}.sets`)), 'netlink/ipset');
  return found.ok ? found.value : new Map();
}

function load(bytes: Uint8Array, family: Family, setNames: SetNames = new Map()): Ruleset {
  const found = readLegacyTables(bytes, { family, source: 'netlink/legacy-ip', setNames });
  if (!found.ok) throw new Error(JSON.stringify(found.problem));
  return found.value;
}

function asText(name: string, family: Family): Ruleset {
  const found = readIptablesSave([new Uint8Array(file(`${name}.save`))], { family, backend: 'legacy', source: 'save' });
  if (!found.ok) throw new Error(JSON.stringify(found.problem));
  return found.value;
}

interface Placed {
  readonly table: string;
  readonly chain: string;
  readonly rule: Rule;
}

const rulesOf = (ruleset: Ruleset): readonly Placed[] =>
  [...ruleset.tables].flatMap(([table, { chains }]) =>
    [...chains.values()].flatMap((chain) => chain.rules.map((rule) => ({ table, chain: chain.name, rule }))),
  );

const recorded: readonly { readonly name: string; readonly family: Family; readonly counters: boolean; readonly rules: number }[] = [
  { name: 'wide-ip', family: 'ip', counters: true, rules: 390 },
  { name: 'wide-ip6', family: 'ip6', counters: true, rules: 420 },
  { name: 'every-match', family: 'ip', counters: true, rules: 44 },
];

describe.each(recorded)("the kernel's own bytes of $name", ({ name, family, counters, rules }) => {
  const ruleset = load(bytesOf(name), family, namesOf(name));

  test('print as iptables-legacy-save prints the rules, byte for byte', () => {
    expect(asIptablesSave(ruleset, { counters })).toBe(file(`${name}.save`).toString());
  });

  test('say of every rule what its text says', () => {
    const fromText = rulesOf(asText(name, family));
    const fromBytes = rulesOf(ruleset);
    expect(fromBytes.length).toBeGreaterThan(rules);
    const meaning = ({ table, chain, rule }: Placed) => ({ table, chain, text: rule.text, matches: rule.matches, target: rule.target });
    expect(fromBytes.map(meaning)).toEqual(fromText.map(meaning));
  });
});

describe('tables', () => {
  const ruleset = load(bytesOf('every-match'), 'ip', namesOf('every-match'));

  test('a rule has its number in its table as line, and its counters', () => {
    const inFilter = rulesOf(ruleset).filter(({ table }) => table === 'filter');
    expect(inFilter.map(({ rule }) => rule.line)).toEqual(inFilter.map((_, index) => index + 1));
    expect(inFilter[2]?.rule).toMatchObject({ index: 3, packets: 5, bytes: 1140, text: '-m state --state NEW -j ACCEPT' });
  });

  test("a hook's chain has a policy with its counters; a user-defined chain has none", () => {
    const chains = ruleset.tables.get('filter')?.chains;
    expect(chains?.get('FORWARD')).toMatchObject({ policy: 'DROP', packets: 0, bytes: 0 });
    expect(chains?.get('OUTPUT')).toMatchObject({ policy: 'ACCEPT', packets: 5, bytes: 1140 });
    expect(chains?.get('Y')).toMatchObject({ policy: null, ruleCount: 1 });
  });

  test("kube-proxy's rules print as iptables-legacy-save prints them", () => {
    expect(asIptablesSave(load(bytesOf('kube-proxy'), 'ip'))).toBe(file('kube-proxy.save').toString());
  });

  test('a rule with an ipset that nobody names is undecided and says which', () => {
    const sets = rulesOf(load(bytesOf('every-match'), 'ip')).filter(({ rule }) => rule.text.includes('-m set'));
    expect(sets).toHaveLength(2);
    for (const { rule } of sets) expect(rule.matches.find(({ kind }) => kind === 'unmodelled')).toMatchObject({ module: 'set' });
    expect(sets[0]?.rule.text).toContain('--match-set [set ');
  });

  test('what iptables-save hides stays a condition', () => {
    const [ports, both, device] = rulesOf(load(bytesOf('hidden'), 'ip')).filter(({ chain }) => chain === 'INPUT');
    const never = { kind: 'ports', ranges: [{ first: 0, last: 65535 }], negated: true };
    expect(ports?.rule).toMatchObject({
      text: '-p tcp -m tcp -j Y',
      matches: [{ kind: 'protocol' }, { ...never, module: 'tcp', side: 'source' }],
    });
    expect(both?.rule.matches.slice(1)).toMatchObject([
      { ranges: [{ first: 1, last: 1 }], negated: false },
      { ...never, side: 'destination' },
    ]);
    expect(device?.rule).toMatchObject({ text: '-j Y', matches: [{ kind: 'in-interface', name: '', wildcard: true, negated: true }] });
    expect(asIptablesSave(load(bytesOf('hidden'), 'ip'), { counters: true })).toBe(file('hidden.save').toString());
  });

  test('no table at all is an empty ruleset', () => {
    expect(load(new Uint8Array(0), 'ip').tables.size).toBe(0);
  });
});

describe('bytes that are no tables', () => {
  const good = bytesOf('every-match');
  const every = (ruleset: Ruleset): void => {
    for (const { rule } of rulesOf(ruleset)) expect(typeof rule.text).toBe('string');
  };
  const problemOf = (bytes: Uint8Array, family: Family = 'ip'): string | null => {
    const found = readLegacyTables(bytes, { family, source: 'netlink/legacy-ip' });
    if (found.ok) every(found.value);
    return found.ok ? null : found.problem.found;
  };

  test('a file that ends early is a problem', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: good.length - 1 }), (length) => {
        // Only between the pairs of two tables is an end no truncation.
        const found = readLegacyTables(good.slice(0, length), { family: 'ip', source: 's' });
        return !found.ok || found.value.tables.size < 4;
      }),
    );
  });

  test('tables of the other family are a problem', () => {
    expect(problemOf(good, 'ip6')).not.toBeNull();
  });

  test('flipped bytes give rules or a problem, never an exception or a loop', () => {
    const flips = fc.array(fc.record({ at: fc.nat(good.length - 1), value: fc.integer({ min: 0, max: 255 }) }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(flips, (changes) => {
        const bytes = good.slice();
        for (const { at, value } of changes) bytes[at] = value;
        problemOf(bytes);
      }),
      { numRuns: 400 },
    );
  });

  const headers = { info: 16, entries: 16 + 84 + 16 + 40 } as const;
  const changed = (change: (view: DataView) => void): Uint8Array => {
    const bytes = good.slice();
    change(new DataView(bytes.buffer));
    return bytes;
  };

  test.each<[title: string, change: (view: DataView) => void, found: RegExp]>([
    ['an entry that steps to itself', (view) => view.setUint16(headers.entries + 90, 0, true), /entry at byte 0 that does not fit/],
    ['an entry longer than the table', (view) => view.setUint16(headers.entries + 90, 65535, true), /entry at byte 0 that does not fit/],
    ["a target within the entry's head", (view) => view.setUint16(headers.entries + 88, 4, true), /entry at byte 0 that does not fit/],
    [
      'a hook that begins within an entry',
      (view) => view.setUint32(headers.info + 36 + 4, 8, true),
      /byte 0 outside any chain|hook that begins within/,
    ],
    ['a policy elsewhere than the kernel says', (view) => view.setUint32(headers.info + 56 + 4, 0, true), /chain 'INPUT' without a policy/],
    ["a size that is not the entries' size", (view) => view.setUint32(headers.info + 80, 8, true), /bytes of entries/],
  ])('%s is a problem', (_title, change, found) => {
    expect(problemOf(changed(change))).toMatch(found);
  });
});
