import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NftExpression, NftRuleset, NftTable } from '#facts/nft.ts';
import { readNftJson } from './read-nft-json.ts';

// Recorded from nft 1.0.6.
const recorded = (name: string) => readFileSync(new URL(`../fixtures/nft/${name}.json`, import.meta.url), 'utf8');

function ruleset(text: string): NftRuleset {
  const result = readNftJson(text, 'nft-ruleset.json');
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

function listing(...elements: readonly unknown[]): string {
  return JSON.stringify({ nftables: [{ metainfo: { version: '1.0.6' } }, ...elements] });
}

const table = { table: { family: 'inet', name: 't', handle: 1 } };
const chain = { chain: { family: 'inet', table: 't', name: 'c', handle: 1, type: 'filter', hook: 'input', prio: 0, policy: 'accept' } };
const rule = (...expr: readonly unknown[]) => ({ rule: { family: 'inet', table: 't', chain: 'c', handle: 2, expr } });

function expressionsOf(...expr: readonly unknown[]): readonly NftExpression[] {
  return ruleset(listing(table, chain, rule(...expr))).tables[0]?.chains.get('c')?.rules[0]?.expressions ?? [];
}

function reasons(expressions: readonly NftExpression[]): readonly string[] {
  return expressions.flatMap((expression) => (expression.kind === 'unmodelled' ? [`${expression.name}: ${expression.because}`] : []));
}

function rulesOf({ chains }: NftTable): readonly NftExpression[][] {
  return [...chains.values()].flatMap((each) => each.rules.map(({ expressions }) => [...expressions]));
}

test('kube-proxy in nftables mode is compiled to its last rule', () => {
  const [kubeProxy] = ruleset(recorded('kube-proxy-nftables-mode')).tables;
  const rules = rulesOf(kubeProxy as NftTable);
  expect(rules.length).toBe(176);
  expect(rules.flatMap(reasons)).toEqual([]);
});

test('what iptables-nft wrote is opaque where it is an extension, and compiled where it is not', () => {
  const [raw] = ruleset(recorded('every-match')).tables;
  expect(raw?.name).toBe('raw');
  const all = ruleset(recorded('every-match')).tables.flatMap(rulesOf).flatMap(reasons);
  expect(new Set(all.map((reason) => reason.replace(/^xt \w+ \w+: /, '')))).toEqual(
    new Set(['nft lists no parameters of extensions of iptables']),
  );
});

test('a chain names what its rules and their verdict maps jump to, without compiling them', () => {
  const text = listing(
    table,
    {
      map: {
        family: 'inet',
        table: 't',
        name: 'm',
        handle: 4,
        type: 'inet_service',
        map: 'verdict',
        elem: [[80, { goto: { target: 'b' } }]],
      },
    },
    chain,
    rule({ jump: { target: 'a' } }),
    rule({ vmap: { key: { payload: { protocol: 'th', field: 'dport' } }, data: '@m' } }),
    rule({ vmap: { key: { meta: { key: 'l4proto' } }, data: { set: [['tcp', { jump: { target: 'd' } }]] } } }),
  );
  expect([...(ruleset(text).tables[0]?.chains.get('c')?.jumps ?? [])].toSorted()).toEqual(['a', 'b', 'd']);
});

test("two '!=' on fields side by side are undecided, in either order", () => {
  const unequal = (field: string) => ({ match: { op: '!=', left: { payload: { protocol: 'tcp', field } }, right: 1 } });
  for (const pair of [
    ['sport', 'dport'],
    ['dport', 'sport'],
  ] as const) {
    expect(reasons(expressionsOf(...pair.map(unequal)))).toEqual([
      "payload: two '!=' on fields side by side: one comparison or two, by the version of nft that wrote the rule",
    ]);
  }
  expect(reasons(expressionsOf(unequal('sport'), unequal('window')))).toEqual([]);
});

test('a set that rules update, or whose elements time out, is dynamic', () => {
  const set = (name: string, more: object) => ({ set: { family: 'inet', table: 't', name, handle: 9, type: 'ipv4_addr', ...more } });
  const update = { set: { op: 'add', elem: { payload: { protocol: 'ip', field: 'saddr' } }, set: '@updated' } };
  const read = ruleset(listing(table, set('updated', {}), set('timed', { flags: ['timeout'] }), set('plain', {}), chain, rule(update)));
  const dynamic = [...(read.tables[0] as NftTable).sets.values()].map((each) => [each.name, each.dynamic]);
  expect(dynamic).toEqual([
    ['updated', true],
    ['timed', true],
    ['plain', false],
  ]);
});

test('an element that cannot be read makes the rules undecided that look into its set', () => {
  const set = { set: { family: 'inet', table: 't', name: 's', handle: 9, type: 'inet_service', elem: [80, 'no-such-port'] } };
  const look = rule({ match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: '@s' } });
  const [read] = ruleset(listing(table, set, chain, look)).tables;
  expect(reasons(rulesOf(read as NftTable)[0] ?? [])).toEqual(["payload: not modelled: set '@s': 'no-such-port' as inet_service"]);
  expect(read?.sets.get('s')).toMatchObject({ dynamic: true, elements: [] });
});

test.each([
  ['a statement of another nft', [{ teleport: null }], "teleport: not modelled: statement 'teleport'"],
  [
    'plain text in the place of a statement',
    ['update @m { ip saddr : 5 }'],
    "statement: not modelled: statement 'update @m { ip saddr : 5 }'",
  ],
  [
    'a set that is not listed',
    [{ vmap: { key: { meta: { key: 'mark' } }, data: '@gone' } }],
    "vmap: not modelled: set '@gone', which is not listed",
  ],
  [
    'a time of day',
    [{ match: { op: '==', left: { meta: { key: 'hour' } }, right: '10:00' } }],
    'meta hour: not modelled: meta hour, which is listed in a time zone that the listing does not name',
  ],
  [
    'a word that nft does not know',
    [{ match: { op: '==', left: { ct: { key: 'state' } }, right: 'tired' } }],
    "ct state: not modelled: 'tired' as ct_state",
  ],
  [
    'a number that does not fit',
    [{ match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: 65536 } }],
    'payload: not modelled: 65536 as inet_service',
  ],
])('%s makes its rule undecided, with the reason', (_, expr, because) => {
  expect(reasons(expressionsOf(...expr))).toEqual([because]);
});

test.each([
  ['an empty file', '', 1, 'an empty file'],
  ['another JSON', '[1]', 1, '[1]'],
  ['a listing that ends in a rule', `${recorded('every-match').slice(0, 5000)}`, 1, 'the end of the file'],
  ['a listing that ends between rules', listing(table, chain).replace(/\]\}$/, ''), 1, 'the end of the file'],
  [
    'a listing with another behind it',
    `${listing(table)}\n${listing(table)}`,
    2,
    '{"nftables":[{"metainfo":{"version":"1.0.6"}},{"table":{"fam...',
  ],
])('%s is a problem', (_, text, line, found) => {
  expect(readNftJson(text, 'f')).toMatchObject({ ok: false, problem: { code: 'nft-json-unreadable', line, found } });
});

test('a table whose flags nft does not name may be dormant, and is unreadable', () => {
  const read = ruleset(listing({ table: { family: 'ip', name: 'abc', handle: 1, flags: 'abc' } }));
  expect(read.unreadable).toEqual([{ family: 'ip', table: 'abc', because: 'the listing does not name its flags: it may be dormant' }]);
  expect(ruleset(listing({ table: { family: 'ip', name: 'abc', handle: 1, flags: ['dormant'] } })).tables[0]?.dormant).toBe(true);
});

test('JSON of any depth and shape gives an answer', () => {
  const deep = `${'{"&":['.repeat(200_000)}1${',1]}'.repeat(200_000)}`;
  const text = listing(table, chain, rule({ match: { op: '==', left: 'DEEP', right: 1 } })).replace('"DEEP"', deep);
  const [read] = ruleset(text).tables;
  expect(reasons(rulesOf(read as NftTable)[0] ?? [])).toEqual(['rule: its JSON is more than 64 levels deep']);
  const names = 'match op left right payload meta ct key set vmap map data concat range prefix elem dnat addr & protocol field'.split(' ');
  const { node } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, fc.constantFrom('==', '!=', 'in', '@s', 'ip', 'saddr', 'mark', 80, null), tie('list'), tie('node')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    node: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3 }),
  }));
  fc.assert(
    fc.property(fc.array(node, { maxLength: 3 }), (expr) => {
      for (const each of expressionsOf(...expr)) expect(each.kind).toBeTypeOf('string');
    }),
  );
});

test('a listing of more than 256 MiB is refused', () => {
  expect(readNftJson(' '.repeat(256 * 1024 * 1024 + 1), 'f')).toMatchObject({
    ok: false,
    problem: { code: 'nft-listing-too-large', found: '257 MiB', expected: 'at most 256 MiB' },
  });
});

test('a rule of very many statements takes no more than their length', () => {
  const unequal = { match: { op: '!=', left: { payload: { protocol: 'tcp', field: 'window' } }, right: 1 } };
  const many = Array.from({ length: 50_000 }, () => unequal);
  expect(expressionsOf(...many).length).toBe(100_002);
});
