import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Family } from '#facts/address.ts';
import type { Chain, Match, Rule, Ruleset } from '#facts/rule.ts';
import { readIptablesSave } from '../iptables-save.ts';
import { be32, eachAttribute, readAttributes, textOfAttribute } from '../netlink/attributes.ts';
import { readMessages } from '../netlink/message.ts';
import { decodeXtMatch, decodeXtTarget, readSetNames, type SetNames, type XtBlob } from './index.ts';
import { matchModules } from './matches/index.ts';
import { targetModules } from './targets/index.ts';

const file = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../fixtures/xtables/${name}`, import.meta.url)));

/** Bytes of a struct: a number takes one byte, a pair [value, size] more of them, little endian. */
function struct(...parts: readonly (number | readonly [value: number, size: number] | string)[]): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) => {
      if (typeof part === 'string') return [...new TextEncoder().encode(part)];
      const [value, size] = typeof part === 'number' ? [part, 1] : part;
      return Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** index) % 256);
    }),
  );
}

const zeros = (length: number): readonly [number, number] => [0, length];
const xt = (name: string, revision: number, info: Uint8Array, more: Partial<XtBlob> = {}): XtBlob => ({
  name,
  revision,
  info,
  family: 'ip',
  littleEndian: true,
  nft: false,
  ...more,
});

describe("structs that today's iptables does not write", () => {
  const conntrackHead = [zeros(128), [0, 4], [0, 4], [0, 2]] as const;

  test.each<[title: string, blob: XtBlob, matches: readonly Match[], text: string]>([
    [
      'conntrack 1: ports in network order, masks of one byte',
      xt('conntrack', 1, struct(...conntrackHead, 0, 0, 0, 80, zeros(4), [1 | 512, 2], [512, 2], 2 | 4, 0)),
      [
        { kind: 'conntrack-state', module: 'conntrack', states: ['ESTABLISHED', 'RELATED'], negated: false },
        { kind: 'conntrack-port', which: 'origdst', range: { first: 80, last: 80 }, negated: true },
      ],
      '-m conntrack --ctstate RELATED,ESTABLISHED ! --ctorigdstport 80',
    ],
    [
      'conntrack 2 as an alias of state',
      xt('conntrack', 2, struct(...conntrackHead, zeros(8), [1 | 8192, 2], [1, 2], [8 | 256, 2], [0, 2], zeros(2))),
      [{ kind: 'conntrack-state', module: 'state', states: ['NEW', 'UNTRACKED'], negated: true }],
      '-m state ! --state NEW,UNTRACKED',
    ],
    [
      'state 0, whose negation is all other bits',
      xt('state', 0, struct([0xfffffffe, 4])),
      [{ kind: 'conntrack-state', module: 'state', states: ['NEW', 'ESTABLISHED', 'RELATED', 'UNTRACKED'], negated: false }],
      '-m state --state NEW,RELATED,ESTABLISHED,UNTRACKED',
    ],
    [
      'addrtype 0 with an inversion for each side',
      xt('addrtype', 0, struct([4, 2], [8, 2], [1, 4], [0, 4])),
      [
        { kind: 'address-type', side: 'source', types: ['LOCAL'], limit: null, negated: true },
        { kind: 'address-type', side: 'destination', types: ['BROADCAST'], limit: null, negated: false },
      ],
      '-m addrtype ! --src-type LOCAL --dst-type BROADCAST',
    ],
    [
      'set 1',
      xt('set', 1, struct([7, 2], 2, 1 | 4), { setNames: new Map([[7, 's7']]) }),
      [{ kind: 'set', name: 's7', directions: ['dst', 'src'], returnNomatch: false, counterOptions: '', negated: true }],
      '-m set ! --match-set s7 dst,src',
    ],
    [
      'set 2 with --return-nomatch in the flags of the set',
      xt('set', 2, struct([7, 2], 1, 2 | 128), { setNames: new Map([[7, 's7']]) }),
      [{ kind: 'set', name: 's7', directions: ['src'], returnNomatch: true, counterOptions: '', negated: false }],
      '-m set --match-set s7 src --return-nomatch',
    ],
    [
      'set 0, as the kernel rewrites it',
      xt('set', 0, struct([7, 2], zeros(2), [1, 4], zeros(20), 1, 2, zeros(2)), { setNames: new Map([[7, 's7']]) }),
      [{ kind: 'set', name: 's7', directions: ['src'], returnNomatch: false, counterOptions: '', negated: false }],
      '-m set --match-set s7 src',
    ],
    [
      'set 3: the operation before the value',
      xt('set', 3, struct([7, 2], 1, 2, zeros(4), 4, zeros(7), [9, 8], zeros(16), [0, 4], zeros(4)), { setNames: new Map([[7, 's7']]) }),
      [{ kind: 'set', name: 's7', directions: ['src'], returnNomatch: false, counterOptions: '--packets-gt 9', negated: false }],
      '-m set --match-set s7 src --packets-gt 9',
    ],
    [
      'icmp of any type, whose codes the kernel does not look at',
      xt('icmp', 0, struct(255, 3, 4, 1)),
      [{ kind: 'icmp-type', type: 255, codes: null, negated: true }],
      '-m icmp ! --icmp-type any',
    ],
    [
      'multiport 0: no ranges, no inversion',
      xt('multiport', 0, struct(1, 2, [80, 2], [443, 2], zeros(26))),
      [
        {
          kind: 'ports',
          module: 'multiport',
          side: 'destination',
          ranges: [
            { first: 80, last: 80 },
            { first: 443, last: 443 },
          ],
          negated: false,
        },
      ],
      '-m multiport --dports 80,443',
    ],
  ])('%s', (_title, blob, matches, text) => {
    const found = decodeXtMatch(blob);
    expect({ matches: found.matches, text: found.text }).toEqual({ matches, text });
  });

  test.each<[title: string, blob: XtBlob, target: object, text: string]>([
    [
      'ULOG 0',
      xt('ULOG', 0, struct([4, 4], zeros(4), [0, 8], [50, 8], 'x', zeros(31))),
      { kind: 'continue', name: 'ULOG' },
      '-j ULOG --ulog-prefix x --ulog-nlgroup 3 --ulog-qthreshold 50',
    ],
    [
      'DNAT 1: a range for both families',
      xt('DNAT', 1, struct([3, 4], 10, 0, 0, 1, zeros(12), 10, 0, 0, 2, zeros(12), 0, 80, 0, 90)),
      { kind: 'dnat', to: { first: { words: [0x0a000001] }, last: { words: [0x0a000002] }, ports: { first: 80, last: 90 }, flags: [] } },
      '-j DNAT --to-destination 10.0.0.1-10.0.0.2:80-90',
    ],
    [
      'CONNMARK 1',
      xt('CONNMARK', 1, struct([1, 4], [255, 4], [0, 4], 0, zeros(3))),
      { kind: 'set-connmark', value: 1, mask: 255 },
      '-j CONNMARK --set-xmark 0x1/0xff',
    ],
    [
      'CT 0',
      xt('CT', 0, struct([4, 2], [9, 2], zeros(24), zeros(12))),
      { kind: 'set-zone', zone: 9, direction: 'original' },
      '-j CT --zone-orig 9',
    ],
    ['NOTRACK 0', xt('NOTRACK', 0, struct()), { kind: 'notrack' }, '-j NOTRACK'],
    [
      'TPROXY 0',
      xt('TPROXY', 0, struct([255, 4], [1, 4], 127, 0, 0, 1, 0, 80, zeros(2))),
      { kind: 'tproxy', port: 80, mark: 1, mask: 255 },
      '-j TPROXY --on-port 80 --on-ip 127.0.0.1 --tproxy-mark 0x1/0xff',
    ],
    ['NFQUEUE 0', xt('NFQUEUE', 0, struct([5, 2])), { kind: 'queue', bypass: false }, '-j NFQUEUE --queue-num 5'],
    [
      'NFQUEUE 2',
      xt('NFQUEUE', 2, struct([5, 2], [3, 2], [1, 2])),
      { kind: 'queue', bypass: true },
      '-j NFQUEUE --queue-balance 5:7 --queue-bypass',
    ],
    [
      'SET 1',
      xt('SET', 1, struct([7, 2], 1, 2, [65535, 2], 0, 0), { setNames: new Map([[7, 's7']]) }),
      { kind: 'change-set', sets: ['s7'] },
      '-j SET --add-set s7 src',
    ],
    [
      'SET 2',
      xt('SET', 2, struct([65535, 2], 0, 0, [7, 2], 1, 0, [0, 4], [0xffffffff, 4]), { setNames: new Map([[7, 's7']]) }),
      { kind: 'change-set', sets: ['s7'] },
      '-j SET --del-set s7 dst',
    ],
  ])('%s', (_title, blob, target, text) => {
    const found = decodeXtTarget(blob);
    expect(found.target).toMatchObject(target);
    expect(found.text).toBe(text);
  });

  test('on a big-endian node numbers stand the other way round, bit fields too', () => {
    const mark = xt('mark', 1, new Uint8Array([0, 0, 0, 5, 0, 0, 0, 0xff, 1, 0, 0, 0]), { littleEndian: false });
    expect(decodeXtMatch(mark)).toMatchObject({
      matches: [{ kind: 'mark', of: 'packet', value: 5, mask: 255, negated: true }],
      text: '-m mark ! --mark 0x5/0xff',
    });
    const policy = new Uint8Array(312);
    policy.set([0, 0, 0, 7], 68);
    policy[74] = 0x04;
    policy.set([0, 1, 0, 1], 304);
    expect(decodeXtMatch(xt('policy', 0, policy, { littleEndian: false })).text).toBe('-m policy --dir in --pol ipsec --reqid 7');
  });
});

describe('what is not known is unmodelled, with its reason', () => {
  const isUnmodelled = (blob: XtBlob): boolean => decodeXtMatch(blob).matches.some(({ kind }) => kind === 'unmodelled');

  test('a revision, and its text is what iptables prints then', () => {
    const found = decodeXtMatch(xt('mark', 7, struct(zeros(16))));
    expect(found.matches).toEqual([{ kind: 'unmodelled', module: 'mark', text: "revision 7 of 'mark', which we do not know" }]);
    expect(found.text).toBe('-m mark [unsupported revision]');
    expect(decodeXtTarget(xt('WEIRD', 0, struct()))).toMatchObject({
      target: { kind: 'unmodelled', name: 'WEIRD' },
      text: '-j WEIRD [unsupported revision]',
    });
  });

  test.each([
    ['a struct of another size', xt('mark', 1, struct(zeros(24)))],
    ['an inversion that is neither 0 nor 1', xt('mark', 1, struct([1, 4], [1, 4], 2, zeros(3)))],
    ['a flag of the future', xt('rpfilter', 0, struct(16))],
    ['conntrack without a condition', xt('conntrack', 3, struct(zeros(164)))],
    ['a range that ends before it begins', xt('udp', 0, struct([9, 2], [3, 2], [0, 2], [65535, 2], 0, 0))],
    ['more ports than there is room for', xt('multiport', 1, struct(0, 16, zeros(46)))],
    ['TCP flags beyond URG', xt('tcp', 0, struct([0, 2], [65535, 2], [0, 2], [65535, 2], 0, 0x80, 0, 0))],
    ['a TCP option', xt('tcp', 0, struct([0, 2], [65535, 2], [0, 2], [65535, 2], 7, 0, 0, 0))],
    ['ICMPv6 type 255, which is no wildcard', xt('icmp6', 0, struct(255, 0, 255, 0), { family: 'ip6' })],
    ['states of the future', xt('conntrack', 3, struct(zeros(146), [1, 2], [0, 2], [0x400, 2], zeros(12)))],
    ['IPsec policies that compare nothing', xt('policy', 0, struct(zeros(304), [1, 2], [0, 2]))],
    ['a name like a property of every object', xt('constructor', 0, struct())],
    ['a struct of the other family', xt('ah', 0, struct(zeros(16)))],
  ])('%s', (_title, blob) => {
    expect(isUnmodelled(blob)).toBe(true);
  });

  test.each([
    ['several NAT ranges', xt('SNAT', 0, struct([2, 4], zeros(20)))],
    ['a NAT flag of the future', xt('DNAT', 2, struct([64, 4], zeros(40)))],
    ['ports that shift by a base', xt('DNAT', 2, struct([2 | 32, 4], zeros(32), 0, 80, 0, 90, 0, 9))],
    ['CONNMARK that shifts bits', xt('CONNMARK', 2, struct(zeros(12), 0, 2, 1, 0))],
    ['a zone of the mark', xt('CT', 2, struct([16, 2], zeros(70)))],
    ['an answer of REJECT that nobody sends', xt('REJECT', 0, struct([4, 4]))],
    ['SET that maps', xt('SET', 3, struct([65535, 2], [0, 2], [65535, 2], [0, 2], [1, 2], 1, 2, [256, 4], zeros(4)))],
    ['NFQUEUE with a flag of the future', xt('NFQUEUE', 3, struct([0, 2], [1, 2], [4, 2]))],
  ])('%s', (_title, blob) => {
    expect(decodeXtTarget(blob).target.kind).toBe('unmodelled');
  });

  test('any bytes of any struct give an answer and a text', () => {
    const named = [
      ...Object.entries(matchModules).map(([key, { size }]) => ({ key, size, decode: decodeXtMatch })),
      ...Object.entries(targetModules).map(([key, { size }]) => ({ key, size, decode: decodeXtTarget })),
    ];
    const any = fc.record({
      of: fc.constantFrom(...named),
      seed: fc.uint8Array({ minLength: 64, maxLength: 512 }),
      little: fc.boolean(),
      six: fc.boolean(),
    });
    fc.assert(
      fc.property(any, ({ of, seed, little, six }) => {
        const [name = '', revision] = of.key.split('/');
        const info = Uint8Array.from({ length: of.size }, (_, index) => seed[index % seed.length] as number);
        const found = of.decode(xt(name, Number(revision), info, { littleEndian: little, family: six ? 'ip6' : 'ip' }));
        return found.text.length > 0;
      }),
      { numRuns: 3000 },
    );
  });
});

describe('compat expressions of iptables-nft', () => {
  /** NFTA_RULE_EXPRESSIONS, NFTA_LIST_ELEM, NFTA_EXPR_NAME and _DATA; of a match and a target name, revision and info. */
  function expressionsOf(
    body: Uint8Array,
  ): readonly { readonly kind: string; readonly name: string; readonly revision: number; readonly info: Uint8Array }[] {
    const list = readAttributes(body.subarray(4))?.get(4);
    const found: { kind: string; name: string; revision: number; info: Uint8Array }[] = [];
    eachAttribute(list ?? new Uint8Array(0), (_type, element) => {
      const expression = readAttributes(element);
      const kind = textOfAttribute(expression?.get(1)) ?? '';
      const data = readAttributes(expression?.get(2) ?? new Uint8Array(0));
      const info = data?.get(3) ?? new Uint8Array(0);
      if (kind === 'match' || kind === 'target')
        found.push({ kind, name: textOfAttribute(data?.get(1)) ?? '', revision: be32(data?.get(2)) ?? -1, info });
    });
    return found;
  }

  function loaded(name: string, family: Family): Ruleset {
    const found = readIptablesSave([file(`${name}.save`)], { family, backend: 'nft', source: 's' });
    if (!found.ok) throw new Error(found.problem.found);
    return found.value;
  }

  const setNames = (name: string): SetNames => {
    const found = readSetNames(file(`${name}.sets`), 's');
    return found.ok ? found.value : new Map();
  };

  test.each([
    { name: 'nft-wide-ip', family: 'ip' as const, least: 330 },
    { name: 'nft-wide-ip6', family: 'ip6' as const, least: 350 },
  ])('say of the rules of $name what iptables-nft-save prints', ({ name, family, least }) => {
    const messages = readMessages(new Uint8Array(gunzipSync(file(`${name}.bin.gz`))), 's');
    if (!messages.ok) throw new Error(messages.problem.found);
    const names = setNames(name);
    const printed = loaded(name, family);
    const seen = new Map<Chain, number>();
    let compared = 0;
    for (const { body } of messages.value) {
      // NFTA_RULE_TABLE and NFTA_RULE_CHAIN; rules of a chain come in its order.
      const attributes = readAttributes(body.subarray(4));
      const chain = printed.tables.get(textOfAttribute(attributes?.get(1)) ?? '')?.chains.get(textOfAttribute(attributes?.get(2)) ?? '');
      if (chain === undefined) throw new Error('a rule of a chain that is not printed');
      const rule = chain.rules[seen.get(chain) ?? 0] as Rule;
      seen.set(chain, rule.index);
      for (const { kind, ...blob } of expressionsOf(body)) {
        const given: XtBlob = { ...blob, family, littleEndian: true, nft: true, setNames: names };
        const part = kind === 'match' ? decodeXtMatch(given) : decodeXtTarget(given);
        expect(` ${rule.text} `).toContain(` ${part.text} `);
        if ('matches' in part) expect(rule.matches).toEqual(expect.arrayContaining([...part.matches]));
        else expect(rule.target).toEqual(part.target);
        compared++;
      }
    }
    for (const [chain, rules] of seen) expect(rules).toBe(chain.ruleCount);
    expect(compared).toBeGreaterThan(least);
  });
});
