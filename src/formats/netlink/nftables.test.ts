import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Family } from '#facts/address.ts';
import type { NftRuleset, NftSet } from '#facts/nft.ts';
import type { Rule, Ruleset } from '#facts/rule.ts';
import { readIptablesSave } from '../iptables-save.ts';
import { asRuleset } from './nftables/iptables/ruleset.ts';
import { asIptablesSave } from './nftables/iptables/save-text.ts';
import { readNftables } from './nftables.ts';

const fixture = (name: string): URL => new URL(`../fixtures/netlink/${name}`, import.meta.url);

/** The ipsets of the recordings, by their index in the kernel. */
const setNames = new Map([
  [0, 'cali40s1'],
  [1, 'cali40s2'],
]);

function recorded(name: string): NftRuleset {
  const found = readNftables(readFileSync(fixture(`${name}.nftables`)), 'netlink/nftables', setNames);
  if (!found.ok) throw new Error(found.problem.code);
  return found.value;
}

function textOf(name: string | URL): string {
  return readFileSync(typeof name === 'string' ? fixture(name) : name, 'utf8');
}

const uncommented = (text: string): string => text.replaceAll(/^#.*\n/gm, '');

function textRuleset(text: string, family: Family): Ruleset {
  const found = readIptablesSave([new TextEncoder().encode(text)], { backend: 'nft', family, source: 'save' });
  if (!found.ok) throw new Error(found.problem.code);
  return found.value;
}

const withoutPlaces = ({ index, text, packets, bytes, matches, target }: Rule) => ({ index, text, packets, bytes, matches, target });

/** Every rule by table and chain, without the lines of its source. */
function rulesOf(ruleset: Ruleset): unknown {
  const chains = [...ruleset.tables.values()].flatMap((table) => [...table.chains.values()].map((chain) => ({ table: table.name, chain })));
  return chains.map(({ table, chain }) => ({ table, name: chain.name, policy: chain.policy, rules: chain.rules.map(withoutPlaces) }));
}

describe('where iptables-nft-save is right, rules of the kernel print as it prints them', () => {
  test.each<[name: string, family: Family, save: string | URL, counters: boolean]>([
    ['iptables-options', 'ip', 'iptables-options.iptables-nft-save', true],
    ['iptables-options', 'ip6', 'iptables-options.ip6tables-nft-save', true],
    ['every-match', 'ip', 'every-match.iptables-nft-save', true],
    ['kube-proxy-20svc', 'ip', new URL('../fixtures/kube-proxy-20svc.iptables-nft.save', import.meta.url), false],
  ])('%s, %s', (name, family, save, counters) => {
    expect(asIptablesSave(recorded(name), family, counters)).toBe(uncommented(textOf(save)));
  });

  test('and mean the same as that text', () => {
    for (const family of ['ip', 'ip6'] as const) {
      const save = textOf(`iptables-options.${family === 'ip' ? 'iptables' : 'ip6tables'}-nft-save`);
      expect(rulesOf(asRuleset(recorded('iptables-options'), family))).toEqual(rulesOf(textRuleset(save, family)));
    }
    expect(rulesOf(asRuleset(recorded('every-match'), 'ip'))).toEqual(rulesOf(textRuleset(textOf('every-match.iptables-nft-save'), 'ip')));
  });
});

describe('where iptables-nft-save lies, the rule is not translated', () => {
  const ruleset = asRuleset(recorded('native-in-iptables-tables'), 'ip');
  const rules = ruleset.tables.get('filter')?.chains.get('INPUT')?.rules ?? [];

  test.each<[found: string, prints: string]>([
    ['ip saddr { 192.0.2.1, 192.0.2.2 } drop', '-j DROP'],
    ['ip saddr @s counter packets 0 bytes 0 accept', '-j ACCEPT'],
    ['ip saddr 192.0.2.1-192.0.2.9 drop', '-s 192.0.2.9/32 -j DROP'],
    ['ip saddr 192.0.2.7 tcp dport vmap { 80 : drop, 443 : accept }', '-s 192.0.2.7/32 -p tcp'],
    ['udp length 10 drop', '-p udp -j DROP'],
    ['meta l4proto tcp @th,0,32 != 0x10002 drop', '-p tcp -m tcp ! --sport 1 ! --dport 2 -j DROP'],
    ['ip saddr . tcp dport { 192.0.2.4 . 80, 192.0.2.5 . 1000-2000 } drop', '-p tcp -j DROP'],
    ['meta l4proto udp @th,0,32 != 0x10002 counter packets 0 bytes 0 drop', '-p udp -m udp ! --sport 1 ! --dport 2 -j DROP'],
  ])('%s (printed as %s)', (text) => {
    const rule = rules.find((each) => each.text === text);
    expect(rule?.matches).toEqual([{ kind: 'unmodelled', module: 'nft', text }]);
    expect(rule?.target.kind).toBe('unmodelled');
  });

  test('a native rule in iptables own words is translated, with its comment', () => {
    const text = '-s 192.0.2.3/32 -p tcp -m tcp --dport 22 -m comment --comment "native rule" -j DROP';
    expect(rules.map((rule) => rule.text)).toContain(text);
    expect(rules.map((rule) => rule.text)).toContain('-p tcp -m tcp --sport 1 --dport 2 -j DROP');
  });

  test('a base chain that is not of iptables makes its table unreadable', () => {
    expect(ruleset.unreadable).toEqual([{ table: 'nat', because: "base chain 'mine' is not one of iptables", line: 0 }]);
  });
});

test('both ports negated are one comparison of four bytes, as the kernel runs it', () => {
  const rules = recorded('native-in-iptables-tables').tables[0]?.chains.get('INPUT')?.rules ?? [];
  expect(rules[5]?.expressions).toEqual([
    { kind: 'meta', key: 'l4proto', to: 0 },
    { kind: 'compare', op: 'eq', from: 0, value: Uint8Array.of(6) },
    { kind: 'payload', base: 'transport', offset: 0, length: 4, to: 0 },
    { kind: 'compare', op: 'neq', from: 0, value: Uint8Array.of(0, 1, 0, 2) },
    { kind: 'verdict', verdict: { kind: 'drop' } },
  ]);
});

describe('tables and chains', () => {
  const { tables, generation, unreadable } = recorded('native');

  test('of all families, with hook, priority, policy, devices and the dormant flag', () => {
    const heads = tables.map(({ family, name, dormant, chains }) => ({
      table: `${family} ${name}`,
      dormant,
      chains: [...chains.values()].map(
        ({ name: chain, base, policy, ruleCount }) =>
          `${chain}: ${base === null ? '-' : `${base.type} ${base.hook} ${base.priority} ${base.devices.join()}`} ${policy} ${ruleCount}`,
      ),
    }));
    expect({ generation, unreadable }).toEqual({ generation: expect.any(Number), unreadable: [] });
    expect(heads).toMatchInlineSnapshot(`
      [
        {
          "chains": [
            "a: - null 0",
            "b: filter input 5  drop 95",
            "n: nat prerouting -100  accept 7",
            "p: nat postrouting 100  accept 4",
            "r: filter prerouting -300  accept 13",
            "o: route output -150  accept 1",
          ],
          "dormant": false,
          "table": "inet t",
        },
        {
          "chains": [
            "x: filter forward 0  accept 1",
          ],
          "dormant": true,
          "table": "inet d",
        },
        {
          "chains": [
            "i: filter ingress 0 lo accept 1",
          ],
          "dormant": false,
          "table": "netdev nd",
        },
        {
          "chains": [
            "f: filter forward 0  accept 1",
          ],
          "dormant": false,
          "table": "bridge br",
        },
        {
          "chains": [
            "f: filter input 0  accept 1",
          ],
          "dormant": false,
          "table": "arp ar",
        },
      ]
    `);
  });

  test('jumps of a chain are known without its rules, those by verdict maps too', () => {
    const chains = tables[0]?.chains;
    expect(chains?.get('b')?.jumps).toEqual(['a']);
    expect(chains?.get('a')?.jumps).toEqual([]);
    const nftMode = recorded('kube-proxy-nftmode-20svc').tables[0];
    const services = nftMode?.sets.get('service-ips')?.elements.flatMap(({ verdict }) => (verdict?.kind === 'goto' ? [verdict.chain] : []));
    expect(nftMode?.chains.get('services')?.jumps).toEqual(expect.arrayContaining(services ?? ['none']));
    expect(services).toHaveLength(20);
  });
});

const bytesOf = (value: Uint8Array | null): readonly number[] | null => (value === null ? null : [...value]);

/** Key to last: data or verdict; sorted as the kernel does not. */
function contents(set: NftSet | undefined): readonly string[] {
  const lines = (set?.elements ?? []).map(({ key, last, verdict, data, catchall }) => {
    const range = catchall ? '*' : last === null ? bytesOf(key)?.join('.') : `${bytesOf(key)?.join('.')} to ${bytesOf(last)?.join('.')}`;
    const chain = verdict !== null && 'chain' in verdict ? ` ${verdict.chain}` : '';
    const value = verdict !== null ? `: ${verdict.kind}${chain}` : data === null ? '' : `: ${bytesOf(data)?.join('.')}`;
    return `${range} ${value}`.trim();
  });
  return lines.sort();
}

describe('sets and maps', () => {
  const sets = recorded('native').tables[0]?.sets;
  const set = (name: string): NftSet => sets?.get(name) as NftSet;

  test.each<[title: string, name: string, contents: readonly string[]]>([
    [
      'interval sets hold closed intervals, the last one up to the last key',
      'ports',
      ['0.80', '1.187', '253.232 to 255.255', '3.232 to 7.208'],
    ],
    ['prefixes are intervals', 'nets', ['10.0.0.0 to 10.255.255.255', '172.16.0.1 to 172.16.0.9', '192.168.1.5']],
    [
      'concatenated intervals carry both ends field by field',
      'cc',
      ['1.2.3.4.17.0.0.0.0.53.0.0 to 1.2.3.4.17.0.0.0.0.53.0.0', '10.0.0.0.6.0.0.0.0.80.0.0 to 10.0.0.255.6.0.0.0.0.90.0.0'],
    ],
    ['maps hold data', 'm', ['0.80 : 1.2.3.4', '0.81 : 5.6.7.8']],
    [
      'interval maps, with what everything else maps to',
      'im',
      ['* : 3.0.0.0', '10.0.0.0 to 10.255.255.255 : 1.0.0.0', '11.0.0.0 to 11.255.255.255 : 2.0.0.0'],
    ],
    [
      'verdict maps',
      'vm',
      ['0.0.0.0 to 0.255.255.255 : drop', '10.0.0.0 to 10.255.255.255 : jump a', '255.0.0.0 to 255.255.255.255 : accept'],
    ],
    ['object maps hold the name of the object', 'om', [`1.2.3.4 : ${[...'c1'].map((char) => char.charCodeAt(0)).join('.')}`]],
    ['anonymous maps of rules', '__map0', ['1.0.0.0 : drop', '2.0.0.0 : accept', '4.0.0.0 : accept']],
  ])('%s', (_, name, expected) => {
    expect(contents(set(name))).toEqual(expected);
  });

  test('know their kind', () => {
    const kinds = ['nets', 'cc', 'dyn', 'vm', 'm', 'om', '__set0', 'cnt'].map(set);
    expect(
      kinds.map(({ name, anonymous, map, interval, dynamic, timeout, keyFields }) =>
        [name, map, anonymous && 'anonymous', interval && 'interval', dynamic && 'dynamic', timeout && 'timeout', ...keyFields]
          .filter(Boolean)
          .join(' '),
      ),
    ).toMatchInlineSnapshot(`
      [
        "nets interval 4",
        "cc interval 4 1 2",
        "dyn dynamic timeout 4",
        "vm verdict interval 4",
        "m data 2",
        "om object 4",
        "__set0 anonymous 1",
        "cnt 4",
      ]
    `);
  });

  test('elements that expire say when, counters do not make them stateful', () => {
    expect(set('dyn').elements[0]?.expires).toBeGreaterThan(1_700_000);
    expect(set('cnt').elements[0]?.stateful).toBe(false);
    const rare = recorded('native-rare').tables[0]?.sets;
    expect(rare?.get('wt')?.elements.map(({ expires }) => expires !== null)).toEqual([true, true]);
  });

  test('elements with limits or quotas are stateful', () => {
    const rare = recorded('native-rare').tables[0]?.sets;
    expect(['st', 'q', 'ty'].map((name) => rare?.get(name)?.elements.map(({ stateful }) => stateful))).toEqual([
      [true, true],
      [true],
      [false],
    ]);
  });

  test('concatenations know their fields where their types tell them, else the key is one', () => {
    const rare = recorded('native-rare').tables[0]?.sets;
    expect(['con', 'vm', 'ty2'].map((name) => rare?.get(name)?.keyFields)).toEqual([[4, 16, 4], [4, 1, 2], [8]]);
  });

  test('a map from concatenations to concatenations', () => {
    const map = recorded('native-rare').tables[0]?.sets.get('cm');
    expect(contents(map)).toEqual(['10.0.0.1.0.80.0.0 to 10.0.0.1.0.90.0.0 : 10.1.1.1.31.144.0.0']);
  });
});

describe('expressions', () => {
  const rules = recorded('native').tables.flatMap((table) => [...table.chains.values()].flatMap((chain) => chain.rules));

  test('of every kind are decoded', () => {
    const all = ['native', 'kube-proxy-nftmode-20svc', 'iptables-options'].map(recorded).flatMap(({ tables }) => tables);
    const expressions = all.flatMap(({ chains }) =>
      [...chains.values()].flatMap((chain) => chain.rules.flatMap((rule) => rule.expressions)),
    );
    expect(expressions.filter(({ kind }) => kind === 'unmodelled')).toEqual([]);
  });

  test('of kube-proxy in nftables mode print as nft lists them', () => {
    const listed = textOf('kube-proxy-nftmode-20svc.rules-as-nft-lists-them').trimEnd().split('\n');
    const chains = [...(recorded('kube-proxy-nftmode-20svc').tables[0]?.chains.values() ?? [])];
    const printed = chains.flatMap((chain) => chain.rules.map(({ text }) => text.replace('reject with icmp port-unreachable', 'reject')));
    expect(printed).toEqual(listed);
  });

  test('print nearly as nft lists them', () => {
    const listed = textOf('native.rules-as-nft-lists-them').trimEnd().split('\n').sort();
    const printed = rules.map(({ text }) => text).sort();
    expect(printed).toHaveLength(listed.length);
    expect(printed.filter((line) => !listed.includes(line))).toMatchInlineSnapshot(`
      [
        "add @mm { ip saddr ct count 5 } drop",
        "arp operation 1 drop",
        "ct expiration 30000 accept",
        "ct l3proto ipv4 ct protocol tcp accept",
        "ct mark & 0xfffffff0 == 0x00000010 accept",
        "iif 1 accept",
        "iiftype 1 ether daddr set 00:11:22:33:44:55",
        "iiftype 1 ether saddr 00:11:22:33:44:55 accept",
        "iiftype 1 ether type vlan @ll,112,16 & 0xfff == 0x5 accept",
        "ip frag-off & 0x1fff != 0x0 drop",
        "masquerade persistent,fully-random",
        "meta day 1 meta hour 36000-43200 accept",
        "meta l4proto tcp @th,0,32 != 0x10002 drop",
        "meta l4proto tcp @th,0,32 0x10002 drop",
        "meta mark set meta mark & 0xffff0000 ^ 0x00000012",
        "meta nfproto ipv4 @nh,0,16 set @nh,0,16 & 0xff03 ^ 0x40",
        "meta nfproto ipv4 @nh,0,8 & 0xf0 == 0x40 accept",
        "meta nfproto ipv4 @nh,8,8 & 0xfc == 0x20 accept",
        "meta nfproto ipv4 by map @om",
        "meta nfproto ipv4 icmp code 3 accept",
        "meta nfproto ipv4 icmp type echo-request limit rate 5/second burst 10 packets accept",
        "meta nfproto ipv4 ip option 131 exists drop",
        "meta nfproto ipv4 reject with icmp host-prohibited",
        "meta nfproto ipv6 @nh,0,16 & 0xfc0 == 0x400 accept",
        "meta nfproto ipv6 exthdr 0 exists drop",
        "meta nfproto ipv6 icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept",
        "meta nfproto ipv6 meta l4proto ipv6-icmp @th,0,16 0x104 accept",
        "meta priority 0x10002 accept",
        "meta priority set 0x10002",
        "meta random 83886080 accept",
        "tcp option @2,16,16 < 500 drop",
      ]
    `);
  });
});
