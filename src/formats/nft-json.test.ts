import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readNativeChains } from './nft-json.ts';

// Recorded from nft 1.0.6.
const recorded = (name: string) => readFileSync(new URL(`fixtures/nft/${name}.json`, import.meta.url), 'utf8');

function chains(text: string): readonly (readonly unknown[])[] {
  const result = readNativeChains(text, 'nft-ruleset.json');
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value.map(({ family, table, chain, ruleCount, inert }) => [family, table, chain, ruleCount, inert]);
}

test('what iptables-nft wrote, every match and target of it, is nothing native', () => {
  expect(chains(recorded('every-match'))).toEqual([]);
});

test('native chains beside iptables, and native rules inside its chains, are named', () => {
  expect(chains(recorded('native-beside-iptables'))).toEqual([
    // `meta skuid` in a chain of iptables: iptables-nft-save cannot print it.
    ['ip', 'filter', 'INPUT', 1, false],
    ['ip', 'nat', 'extra', 0, true],
    ['inet', 'fw', 'in', 0, false],
    ['inet', 'fw', 'empty', 0, true],
    // Its own rule only jumps; the chain it reaches drops.
    ['inet', 'fw', 'cnt', 1, false],
  ]);
});

test('kube-proxy in nftables mode is native and not inert', () => {
  const found = chains(recorded('kube-proxy-nftables-mode'));
  expect(found.length).toBeGreaterThan(5);
  expect(found.filter(([, table]) => table === 'kube-proxy').some(([, , , , inert]) => inert === false)).toBe(true);
});

const inFilterInput = (expr: unknown) =>
  JSON.stringify({
    nftables: [
      { chain: { family: 'ip', table: 'filter', name: 'INPUT', type: 'filter', hook: 'input', prio: 0, policy: 'accept' } },
      { rule: { family: 'ip', table: 'filter', chain: 'INPUT', expr: [{ counter: {} }, ...(expr as readonly unknown[])] } },
    ],
  });
const saddr = { payload: { protocol: 'ip', field: 'saddr' } };

test.each([
  ['a set', [{ match: { op: '==', left: saddr, right: '@bad' } }, { drop: null }]],
  ['an anonymous set', [{ match: { op: '==', left: saddr, right: { set: ['10.0.0.1'] } } }, { drop: null }]],
  ['a range of addresses', [{ match: { op: '==', left: saddr, right: { range: ['10.0.0.1', '10.0.0.9'] } } }, { drop: null }]],
  ['a map of verdicts', [{ vmap: { key: saddr, data: '@verdicts' } }]],
  ['the length of a packet', [{ match: { op: '==', left: { payload: { protocol: 'udp', field: 'length' } }, right: 8 } }, { drop: null }]],
])('%s in a chain of iptables is native: iptables-nft-save shows it wrongly', (_, expr) => {
  expect(chains(inFilterInput(expr))).toEqual([['ip', 'filter', 'INPUT', 1, false]]);
});

test('a flowtable is native and not inert', () => {
  const flowtable = { family: 'inet', name: 'ft', table: 'x', handle: 3, hook: 'ingress', prio: 0, dev: ['va', 'vb'] };
  expect(chains(JSON.stringify({ nftables: [{ flowtable }] }))).toEqual([['inet', 'x', 'flowtable ft', 0, false]]);
});

test.each([
  ['no JSON', '{"nftables": [', 1],
  ['other JSON', '{"a": 1}', 1],
])('%s is a problem', (_, text, line) => {
  expect(readNativeChains(text, 'nft.json')).toMatchObject({ ok: false, problem: { source: 'nft.json', line } });
});
