import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readNftJson } from '../../nft-json/read-nft-json.ts';
import { renderRule } from './index.ts';

/** What nft 1.0.6 listed of one ruleset, as JSON and as text. */
const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/nft/${name}`, import.meta.url), 'utf8');

/** The rules of a listing as text, by table and chain. */
function rulesInText(text: string): readonly string[] {
  const rules: string[] = [];
  let table = '';
  let chain: string | null = null;
  for (const line of text.split('\n')) {
    if (line.startsWith('table ')) table = line.split(' ')[2] ?? '';
    else if (line.startsWith('\tchain ')) chain = line.split(' ')[1] ?? '';
    else if (line.startsWith('\t}')) chain = null;
    else if (chain !== null && line !== '' && !line.startsWith('\t\ttype ')) rules.push(`${table} ${chain}: ${line.trim()}`);
  }
  return rules;
}

function rulesInJson(text: string): readonly string[] {
  const read = readNftJson(text, 'nft-ruleset.json');
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  return read.value.tables.flatMap(({ name: table, chains }) =>
    [...chains.values()].flatMap(({ name, rules }) => rules.map((rule) => `${table} ${name}: ${rule.text}`)),
  );
}

test('the text of a rule that comes from JSON is what nft itself lists', () => {
  const listed = rulesInText(fixture('native-words.nft'));
  expect(listed.length).toBeGreaterThan(130);
  expect(rulesInJson(fixture('native-words.json'))).toEqual(listed);
});

test.each([
  [{ queue: { num: { range: [3, 5] }, flags: 'bypass' } }, 'queue flags bypass to 3-5'],
  [{ queue: null }, 'queue'],
  [{ fwd: { dev: 'eth0' } }, 'fwd to "eth0"'],
  [{ dup: { addr: '10.0.0.9', dev: 'eth0' } }, 'dup to 10.0.0.9 device "eth0"'],
  [{ flow: { op: 'add', flowtable: '@fast' } }, 'flow add @fast'],
  [{ map: { op: 'add', elem: { payload: { protocol: 'ip', field: 'saddr' } }, data: 5, map: '@m' } }, 'add @m { ip saddr : 5 }'],
  [
    { mangle: { key: { meta: { key: 'mark' } }, value: { '&': [{ '|': [{ meta: { key: 'mark' } }, 1] }, 255] } } },
    'meta mark set (meta mark | 0x00000001) & 0x000000ff',
  ],
  [{ unheard: { of: 'it' } }, 'unheard of it'],
  [{ unheard: null }, 'unheard'],
])('words of nft that no listing here could show: %#', (statement, text) => {
  expect(renderRule([statement], null)).toBe(text);
});
