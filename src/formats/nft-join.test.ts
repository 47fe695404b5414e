import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { NftExpression, NftRule, NftRuleset } from '#facts/nft.ts';
import type { Ruleset } from '#facts/rule.ts';
import { readIptablesSave } from './iptables-save.ts';
import { joinSave } from './nft-join.ts';
import { readNftJson } from './nft-json/read-nft-json.ts';

const recorded = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

function listing(text: string): NftRuleset {
  const result = readNftJson(text, 'nft-ruleset.json');
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

function save(text: string): Ruleset {
  const of = { backend: 'nft', family: 'ip', source: 'iptables-nft-save' } as const;
  const result = readIptablesSave([new TextEncoder().encode(text)], of);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

function rulesOf(ruleset: NftRuleset): readonly NftRule[] {
  return ruleset.tables.flatMap(({ chains }) => [...chains.values()].flatMap(({ rules }) => rules));
}

function reasons(expressions: readonly NftExpression[]): readonly string[] {
  return expressions.flatMap((expression) => (expression.kind === 'unmodelled' ? [`${expression.name}: ${expression.because}`] : []));
}

test.each([
  ['nft/kube-proxy-20svc.iptables-nft.json', 'kube-proxy-20svc.iptables-nft.save'],
  ['nft/every-match.json', 'every-match.iptables-nft-save'],
])('each rule of %s finds its extensions in %s', (json, text) => {
  const dump = save(recorded(text));
  const joined = rulesOf(joinSave(listing(recorded(json)), { ip: dump }));
  expect(joined.flatMap(({ expressions }) => reasons(expressions))).toEqual([]);
  const saved = [...dump.tables.values()].flatMap(({ chains }) => [...chains.values()].flatMap(({ rules }) => rules));
  expect(joined.filter(({ text: shown }) => saved.some((rule) => rule.text === shown)).length).toBeGreaterThan(joined.length * 0.9);
});

const expr = {
  match: (name: string) => ({ xt: { type: 'match', name } }),
  target: (name: string) => ({ xt: { type: 'target', name } }),
  counter: { counter: { packets: 0, bytes: 0 } },
  port: (right: unknown, op = '==') => ({ match: { op, left: { payload: { protocol: 'tcp', field: 'dport' } }, right } }),
  source: (right: unknown, op = '==') => ({ match: { op, left: { payload: { protocol: 'ip', field: 'saddr' } }, right } }),
  mark: { match: { op: '==', left: { meta: { key: 'mark' } }, right: 5 } },
};

/** One listed rule of chain c beside one line of the dump. */
function joinOne(listed: readonly unknown[], saved: string, more = ''): readonly string[] {
  const json = JSON.stringify({
    nftables: [
      { table: { family: 'ip', name: 'filter', handle: 1 } },
      { chain: { family: 'ip', table: 'filter', name: 'c', handle: 1 } },
      { chain: { family: 'ip', table: 'filter', name: 'd', handle: 1 } },
      { rule: { family: 'ip', table: 'filter', chain: 'c', handle: 2, expr: listed } },
    ],
  });
  const dump = save(`*filter\n:c - [0:0]\n:d - [0:0]\n-A c ${saved}\n${more}COMMIT\n`);
  return rulesOf(joinSave(listing(json), { ip: dump })).flatMap(({ expressions }) => reasons(expressions));
}

const conntrack = [expr.match('conntrack'), expr.counter, { drop: null }];

test.each([
  ['the same in other words', conntrack, '-m conntrack --ctstate INVALID -j DROP'],
  [
    'a protocol that the listing takes for granted',
    [expr.port(80), ...conntrack],
    '-p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -j DROP',
  ],
  [
    'a prefix',
    [expr.source({ prefix: { addr: '10.0.0.0', len: 9 } }, '!='), ...conntrack],
    '! -s 10.0.0.0/9 -m conntrack --ctstate NEW -j DROP',
  ],
  [
    'an interface',
    [{ match: { op: '==', left: { meta: { key: 'iifname' } }, right: 'eth*' } }, ...conntrack],
    '-i eth+ -m conntrack --ctstate NEW -j DROP',
  ],
  ['a jump', [expr.match('conntrack'), { jump: { target: 'd' } }], '-m conntrack --ctstate NEW -j d'],
  ['an extension as target', [expr.counter, expr.target('REJECT')], '-j REJECT --reject-with icmp-port-unreachable'],
])('%s is joined', (_, listed, saved) => {
  expect(joinOne(listed, saved)).toEqual([]);
});

const native = 'listing and dump disagree: ';
test.each([
  ['another verdict', conntrack, '-m conntrack --ctstate INVALID -j ACCEPT', "the target: '-j ACCEPT' in the dump"],
  ['a target that the dump lost', conntrack, '-m conntrack --ctstate INVALID', "the target: 'none' in the dump"],
  [
    'a jump elsewhere',
    [expr.match('conntrack'), { jump: { target: 'c' } }],
    '-m conntrack --ctstate NEW -j d',
    "the target: '-j d' in the dump",
  ],
  [
    'a goto where the dump jumps',
    [expr.match('conntrack'), { goto: { target: 'd' } }],
    '-m conntrack --ctstate NEW -j d',
    "the target: '-j d' in the dump",
  ],
  ['another extension', conntrack, '-m addrtype --dst-type LOCAL -j DROP', 'match conntrack, which the dump does not have'],
  [
    'an extension too many in the dump',
    conntrack,
    '-m conntrack --ctstate NEW -m addrtype --dst-type LOCAL -j DROP',
    "'-m addrtype --dst-type LOCAL', which is not listed",
  ],
  [
    'another port',
    [expr.port(80), ...conntrack],
    '-p tcp -m tcp --dport 81 -m conntrack --ctstate NEW -j DROP',
    'a condition that the dump does not have',
  ],
  [
    'a mark that an older iptables-nft-save does not print',
    [expr.mark, ...conntrack],
    '-m conntrack --ctstate NEW -j DROP',
    'a condition that the dump does not have',
  ],
  [
    'a set that iptables-nft-save does not print',
    [expr.source({ set: ['1.1.1.1'] }), ...conntrack],
    '-m conntrack --ctstate NEW -j DROP',
    'a condition that the dump does not have',
  ],
  [
    'a range that iptables-nft-save prints as its last address',
    [expr.source({ range: ['1.1.1.1', '1.1.1.5'] }), ...conntrack],
    '-s 1.1.1.5/32 -m conntrack --ctstate NEW -j DROP',
    'a condition that the dump does not have',
  ],
  ['a condition only of the dump', conntrack, '-s 1.1.1.1/32 -m conntrack --ctstate NEW -j DROP', 'a condition that is not listed'],
  ['a limit only of the dump', conntrack, '-m limit --limit 5/sec -m conntrack --ctstate NEW -j DROP', 'the limit'],
])('%s leaves the rule undecided', (_, listed, saved, because) => {
  const [reason, ...rest] = joinOne(listed, saved);
  expect(reason).toContain(native + because);
  expect(rest).toEqual([]);
});

test('a chain of another length, a table that could not be printed, and no dump at all leave extensions undecided', () => {
  expect(joinOne(conntrack, '-m conntrack --ctstate INVALID -j DROP', '-A c -j ACCEPT\n')[0]).toContain(
    'the chain has 1 rules, 2 in the dump',
  );
  const listed = listing(recorded('nft/every-match.json'));
  const incompatible = save("# Table `filter' is incompatible, use 'nft' tool.\n");
  const [filter] = joinSave(listed, { ip: incompatible }).tables.filter(({ name }) => name === 'filter');
  const rules = [...(filter?.chains.values() ?? [])].flatMap((chain) => chain.rules);
  expect(rules.flatMap(({ expressions }) => reasons(expressions))[0]).toContain("Table `filter' is incompatible, use 'nft' tool.");
  expect(rulesOf(joinSave(listed, {})).flatMap(({ expressions }) => reasons(expressions))[0]).toContain(
    'there is no dump of iptables-nft-save beside it',
  );
});

test('a table that only the dump has is unreadable: one of the two is not whole', () => {
  const dump = save('*raw\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n*filter\n:INPUT DROP [0:0]\nCOMMIT\n');
  const joined = joinSave(listing('{"nftables": []}'), { ip: dump });
  expect(joined.unreadable).toEqual([
    { family: 'ip', table: 'filter', because: 'iptables-nft-save has the table, nft-ruleset.json has not' },
  ]);
});

test('a rule with a comment as its only extension is whole without the dump', () => {
  expect(joinOne([expr.match('comment'), expr.mark, { drop: null }], '-m comment --comment x -j DROP')).toEqual([]);
});
