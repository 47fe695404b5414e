import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NftExpression, NftRule, NftRuleset } from '#facts/nft.ts';
import { plainRuleset } from '../../../test/support/nft-debug.ts';
import { readNftJson } from '../nft-json/read-nft-json.ts';
import { readNftText } from './read-nft-text.ts';

const recorded = (name: string) => readFileSync(new URL(`../fixtures/nft/${name}`, import.meta.url), 'utf8');

function ruleset(text: string): NftRuleset {
  const result = readNftText(text, 'nft-ruleset');
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

function rulesIn(text: string, family = 'inet'): readonly NftRule[] {
  return [...(ruleset(`table ${family} t {\n\tchain c {\n${text}\n\t}\n}\n`).tables[0]?.chains.get('c')?.rules ?? [])];
}

function reasons(expressions: readonly NftExpression[]): readonly string[] {
  return expressions.flatMap((expression) => (expression.kind === 'unmodelled' ? [expression.because] : []));
}

test('kube-proxy in nftables mode reads the same as text and as JSON', () => {
  const json = readNftJson(recorded('kube-proxy-nftables-mode.json'), 'nft-ruleset');
  if (!json.ok) throw new Error(JSON.stringify(json.problem));
  // The text is what was loaded: it has no handles yet, and nft has not yet made a comparison of its set of one element.
  const text = recorded('kube-proxy-nftables-mode.nft').replace('{ 10.96.0.0/12 }', '10.96.0.0/12');
  const leaveOut = ['text', 'line', 'handle'];
  expect(plainRuleset(ruleset(text), leaveOut)).toEqual(plainRuleset(json.value, leaveOut));
});

test('a rule has the line and the handle of its listing, and its own words', () => {
  const text =
    'table ip t { # handle 3\n\tchain c { # handle 1\n\t\tip saddr { 10.0.0.1,\n\t\t\t   10.0.0.2 } drop # handle 7\n\t\taccept # handle 9\n\t}\n}\n';
  const rules = [...(ruleset(text).tables[0]?.chains.get('c')?.rules ?? [])];
  expect(rules.map(({ line, handle, index, text: words }) => [line, handle, index, words])).toEqual([
    [3, 7, 1, 'ip saddr { 10.0.0.1, 10.0.0.2 } drop'],
    [5, 9, 2, 'accept'],
  ]);
});

test('syntax that is not known makes its own rule undecided, and no other', () => {
  const rules = rulesIn('\t\tteleport to mars\n\t\ttcp dport 80 teleport\n\t\ttcp dport { 80 accept\n\t\t}\n\t\taccept');
  expect(rules.map(({ expressions }) => reasons(expressions))).toEqual([
    ["syntax that is not known: word 'teleport'"],
    ["syntax that is not known: word 'teleport'"],
    ["syntax that is not known: 'accept' in a set"],
    [],
  ]);
});

test.each([
  ['dnat to 10.0.0.1:80', { kind: 'nat', family: 'ip', addressFrom: 0, portFrom: 4 }],
  ['dnat to :80', { kind: 'nat', family: 'ip', addressFrom: null, portFrom: 0 }],
  ['tcp flags & (fin | syn) == syn', { kind: 'compare', op: 'eq', value: Uint8Array.of(2) }],
  ['tcp flags & (fin|syn|rst|ack) != syn', { kind: 'compare', op: 'neq', value: Uint8Array.of(2) }],
  ['ct state established,related', { kind: 'compare', op: 'neq', value: new Uint8Array(4) }],
  ['ct state == established', { kind: 'compare', op: 'eq', value: Uint8Array.of(2, 0, 0, 0) }],
  ['mark and 0xff == 0x10', { kind: 'compare', op: 'eq', value: Uint8Array.of(16, 0, 0, 0) }],
  ['skuid 1337', { kind: 'compare', op: 'eq', value: Uint8Array.of(0x39, 5, 0, 0) }],
  ['meta skuid "root"', { kind: 'compare', op: 'eq', value: Uint8Array.of(0, 0, 0, 0) }],
  ['tcp dport ssh', { kind: 'compare', op: 'eq', value: Uint8Array.of(0, 22) }],
  ['queue flags bypass to 1-3', { kind: 'queue', first: 1, last: 3, bypass: true }],
  ['limit rate over 1 mbytes/hour burst 5 kbytes', { kind: 'limit', rate: 1_048_576, per: 3600, burst: 5120, unit: 'bytes', over: true }],
  ['log prefix "a b" level info flags tcp sequence,options', { kind: 'log', prefix: 'a b' }],
  ['reject with icmp type host-unreachable', { kind: 'reject', type: 'icmp-unreachable', code: 1 }],
])('%s ends in what it means', (text, expected) => {
  expect(rulesIn(text, 'ip').at(0)?.expressions.at(-1)).toMatchObject(expected);
});

test('priorities are named, and counted from a name', () => {
  const priority = (text: string, family = 'inet') =>
    ruleset(`table ${family} t {\n chain c {\n type filter hook forward priority ${text}; policy drop;\n }\n}`).tables[0]?.chains.get('c');
  expect(['filter', '-5', 'mangle + 10', 'filter - 1', '0'].map((text) => priority(text)?.base?.priority)).toEqual([0, -5, -140, -1, 0]);
  expect(priority('filter', 'bridge')?.base?.priority).toBe(-200);
  expect(priority('0')?.policy).toBe('drop');
  expect(ruleset('table ip t {\n chain c {\n type filter hook forward priority sometime; policy drop;\n }\n}').unreadable).toEqual([
    { family: 'ip', table: 't', because: 'hook of chain c' },
  ]);
});

test('dormant tables, devices and flowtables are read', () => {
  const text = `table netdev n {
	flags dormant
	comment "hi { there"

	flowtable f {
		hook ingress priority filter + 1
		devices = { eth0, eth1 }
	}

	chain c {
		type filter hook ingress devices = { "eth0", eth1 } priority -500; policy accept;
	}
}
`;
  expect(ruleset(text).tables[0]).toMatchObject({
    dormant: true,
    flowtables: [{ name: 'f', devices: ['eth0', 'eth1'], priority: 1 }],
  });
  expect(ruleset(text).tables[0]?.chains.get('c')?.base).toEqual({
    hook: 'ingress',
    type: 'filter',
    priority: -500,
    devices: ['eth0', 'eth1'],
  });
});

const filter = (rule: string) =>
  `table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy accept;\n\t\t${rule}\n\t}\n}\n`;
test.each([
  ['ct status dnat counter packets 0 bytes 0 drop', 1],
  ['fib daddr type local counter packets 0 bytes 0 accept', 1],
  ['tcp dport 80 counter packets 0 bytes 0 accept', 0],
  // Without a counter nothing of iptables is a rule.
  ['ct status dnat drop', 0],
])('in a table of iptables, %s may be a translation: %i', (rule, count) => {
  const rules = [...(ruleset(filter(rule)).tables[0]?.chains.get('INPUT')?.rules ?? [])];
  expect(rules.flatMap(({ expressions }) => reasons(expressions)).length).toBe(count);
});

test.each([
  ['a table that does not end', 'table ip t {\n\tchain c {\n\t\taccept\n', 4, 'the end of the file'],
  ['other text', 'Error: nothing here\n', 1, 'Error: nothing here'],
  ['JSON', '{"nftables": []}\n', 1, '{"nftables": []}'],
])('%s is a problem', (_, text, line, found) => {
  expect(readNftText(text, 'f')).toMatchObject({ ok: false, problem: { code: 'nft-text-unreadable', line, found } });
});

test('an empty listing has no tables', () => {
  expect(ruleset('').tables).toEqual([]);
});

test('text of any depth and shape gives an answer', () => {
  const deep = `${'ip saddr { '.repeat(100_000)}1.1.1.1${' }'.repeat(100_000)} drop`;
  expect(reasons(rulesIn(deep)[0]?.expressions ?? [])).toEqual(["syntax that is not known: 'saddr' in a set"]);
  const nested = `ip saddr ${'('.repeat(100_000)}1${')'.repeat(100_000)} drop`;
  expect(reasons(rulesIn(nested)[0]?.expressions ?? [])).toEqual(['syntax that is not known: more than 32 levels']);
  const words =
    'ip saddr daddr tcp dport 80 1.1.1.1 10.0.0.0/8 meta mark 0x1 set { } , ( ) : . | & == != vmap map @s drop jump c counter "x" - / limit rate 5/second'.split(
      ' ',
    );
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), (parts) => {
      const result = readNftText(`table inet t {\n chain c {\n ${parts.join(' ')}\n }\n}`, 'f');
      if (result.ok)
        for (const table of result.value.tables)
          for (const chain of table.chains.values()) expect(chain.rules.length).toBe(chain.ruleCount);
    }),
  );
});

test('a line of very many quoted names takes no more than its length', () => {
  const names = Array.from({ length: 200_000 }, (_, i) => `"eth${i}"`).join(', ');
  const [table] = ruleset(`table inet t {\n\tset s {\n\t\ttype ifname\n\t\telements = { ${names} }\n\t}\n}\n`).tables;
  expect(table?.sets.get('s')?.elements.length).toBe(200_000);
});
