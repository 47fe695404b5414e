import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { IpSet } from '#facts/ipset.ts';
import type { Result } from '#facts/result.ts';
import { readIpsetList } from './ipset-list.ts';
import { readIpsetSave } from './ipset-save.ts';

// Both forms of the same sets, recorded from ipset 7.17.
const recorded = (name: string) => readFileSync(new URL(`fixtures/ipset/every-type.${name}`, import.meta.url));
const bytes = (text: string) => [new TextEncoder().encode(text)];

function sets(result: Result<ReadonlyMap<string, IpSet>>): readonly unknown[] {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return [...result.value.values()].map(({ line: _, ...set }) => set).toSorted((a, b) => a.name.localeCompare(b.name));
}

test('ipset list gives the facts of ipset save', () => {
  const saved = sets(readIpsetSave([recorded('save')], 'ipset-save'));
  expect(saved.length).toBe(9);
  expect(sets(readIpsetList([recorded('list')], 'ipset-list'))).toEqual(saved);
});

test("a comment's words are no options of its element", () => {
  const text = 'create s hash:net family inet comment\nadd s 10.0.0.0/8 comment "nomatch 1"\nadd s 10.1.0.0/16 nomatch comment "x"\n';
  expect(sets(readIpsetSave(bytes(text), 'f'))).toMatchObject([
    {
      members: [
        { text: '10.0.0.0/8', nomatch: false },
        { text: '10.1.0.0/16', nomatch: true },
      ],
    },
  ]);
});

test('a name with blanks is one name', () => {
  const text = 'create a hash:ip family inet\ncreate a b hash:ip family inet\nadd a 10.0.0.1\nadd a b 10.0.0.2\n';
  expect(sets(readIpsetSave(bytes(text), 'f'))).toMatchObject([
    { name: 'a', members: [{ text: '10.0.0.1' }] },
    { name: 'a b', members: [{ text: '10.0.0.2' }] },
  ]);
});

test.each([
  ['a terse listing', recorded('terse').toString(), 1, 'set s1 without members'],
  ['a listing that was cut among members', recorded('list').toString().slice(0, 300), 1, '1 members of set s1'],
  ['a listing that was cut in a head', 'Name: a\n', 1, 'the end of the file'],
  [
    'other text',
    'ipset v7.17: Kernel error received: Operation not permitted\n',
    1,
    'ipset v7.17: Kernel error received: Operation not permitted',
  ],
])('%s is a problem', (_, text, line, found) => {
  const result = readIpsetList(bytes(text.replace('10.0.0.1\n\n', '\n')), 'f');
  expect(result).toMatchObject({ ok: false, problem: { code: 'ipset-list-unreadable', line, found } });
});

test('no sets at all are none', () => {
  expect(sets(readIpsetList(bytes(''), 'f'))).toEqual([]);
});
