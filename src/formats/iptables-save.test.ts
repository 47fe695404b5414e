import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rule, Ruleset } from '#facts/rule.ts';
import { readIptablesSave } from './iptables-save.ts';

const of = { backend: 'nft', family: 'ip', source: 'netfilter/iptables-nft-save' } as const;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function load(text: string, family: 'ip' | 'ip6' = 'ip'): Ruleset {
  const result = readIptablesSave([bytes(text)], { ...of, family });
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

function rule(text: string, family: 'ip' | 'ip6' = 'ip'): Rule {
  return load(`*filter\n:INPUT ACCEPT [0:0]\n:Y - [0:0]\n-A INPUT ${text}\nCOMMIT\n`, family).tables.get('filter')?.chains.get('INPUT')
    ?.rules[0] as Rule;
}

const problemOf = (text: string) => {
  const result = readIptablesSave([bytes(text)], of);
  return result.ok ? null : { code: result.problem.code, line: result.problem.line };
};

describe('matches', () => {
  test.each([
    [
      '! -s 10.0.0.0/8 -j Y',
      [{ kind: 'source', prefix: { family: 'ip', words: [0x0a000000], mask: [0xff000000], bits: 8 }, negated: true }],
    ],
    ['-i cali+ -j Y', [{ kind: 'in-interface', name: 'cali', wildcard: true, negated: false }]],
    ['! -o eth0 -j Y', [{ kind: 'out-interface', name: 'eth0', wildcard: false, negated: true }]],
    [
      '-p tcp -m tcp --dport 1000:2000 -j Y',
      [
        { kind: 'protocol', number: 6, negated: false },
        { kind: 'ports', module: 'tcp', side: 'destination', ranges: [{ first: 1000, last: 2000 }], negated: false },
      ],
    ],
    [
      '-p tcp -m tcp --dport ! 80 -j Y',
      [
        { kind: 'protocol', number: 6, negated: false },
        { kind: 'ports', module: 'tcp', side: 'destination', ranges: [{ first: 80, last: 80 }], negated: true },
      ],
    ],
    [
      '-p tcp -m multiport ! --ports 80,443 -j Y',
      [
        { kind: 'protocol', number: 6, negated: false },
        {
          kind: 'ports',
          module: 'multiport',
          side: 'either',
          ranges: [
            { first: 80, last: 80 },
            { first: 443, last: 443 },
          ],
          negated: true,
        },
      ],
    ],
    ['-m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j Y', [{ kind: 'tcp-flags', mask: 0x17, set: 2, negated: true }]],
    [
      '-p icmp -m icmp --icmp-type 8/0 -j Y',
      [
        { kind: 'protocol', number: 1, negated: false },
        { kind: 'icmp-type', type: 8, codes: { first: 0, last: 0 }, negated: false },
      ],
    ],
    [
      '-m conntrack --ctstate RELATED,ESTABLISHED -j Y',
      [{ kind: 'conntrack-state', module: 'conntrack', states: ['ESTABLISHED', 'RELATED'], negated: false }],
    ],
    ['-m mark ! --mark 0x1/0xff -j Y', [{ kind: 'mark', of: 'packet', value: 1, mask: 255, negated: true }]],
    [
      '-m addrtype ! --src-type LOCAL --limit-iface-out -j Y',
      [{ kind: 'address-type', side: 'source', types: ['LOCAL'], limit: 'out', negated: true }],
    ],
    [
      '-m set ! --match-set cali40s dst,src -j Y',
      [{ kind: 'set', name: 'cali40s', directions: ['dst', 'src'], returnNomatch: false, counterOptions: '', negated: true }],
    ],
    [
      '-m set --match-set s src --packets-gt 3 -j Y',
      [{ kind: 'set', name: 's', directions: ['src'], returnNomatch: false, counterOptions: '--packets-gt 3', negated: false }],
    ],
    [
      '-m statistic --mode random --probability 0.25000000000 -j Y',
      [{ kind: 'statistic', mode: 'random', probability: 0.25, negated: false }],
    ],
    ['-m comment --comment "a \\"b\\" -j DROP" -j Y', [{ kind: 'comment', text: 'a "b" -j DROP' }]],
    [
      '-m rpfilter --validmark --invert -j Y',
      [{ kind: 'reverse-path', loose: false, validMark: true, acceptLocal: false, inverted: true }],
    ],
    ['-m u32 --u32 "0x0" -j Y', [{ kind: 'unmodelled', module: 'u32', text: '-m u32 --u32 "0x0"' }]],
    [
      '-m conntrack --ctstate WEIRD -j Y',
      [{ kind: 'unmodelled', module: 'conntrack', text: "state 'WEIRD' in '-m conntrack --ctstate WEIRD'" }],
    ],
  ])('%s', (text, matches) => {
    expect(rule(text).matches).toEqual(matches);
    expect(rule(text).target).toEqual({ kind: 'jump', chain: 'Y' });
  });
});

describe('targets', () => {
  test.each([
    ['-j DROP', { kind: 'drop' }],
    ['-g Y', { kind: 'goto', chain: 'Y' }],
    ['-s 1.2.3.4/32', { kind: 'continue', name: '' }],
    ['-j REJECT --reject-with tcp-reset', { kind: 'reject', with: 'tcp-reset' }],
    ['-j MARK --set-xmark 0x4000/0x4000', { kind: 'set-mark', value: 0x4000, mask: 0x4000 }],
    ['-j MARK --set-mark 0x5/0x2', { kind: 'set-mark', value: 5, mask: 7 }],
    ['-j MARK --and-mark 0xff', { kind: 'set-mark', value: 0, mask: 0xffffff00 }],
    ['-j CONNMARK --save-mark --nfmask 0xf --ctmask 0xf0', { kind: 'save-connmark', packetMask: 15, connectionMask: 240 }],
    ['-j CT --notrack', { kind: 'notrack' }],
    [
      '-p tcp -j DNAT --to-destination 10.1.1.1:8080',
      {
        kind: 'dnat',
        to: {
          first: { family: 'ip', words: [0x0a010101] },
          last: { family: 'ip', words: [0x0a010101] },
          ports: { first: 8080, last: 8080 },
          flags: [],
        },
      },
    ],
    ['-j MASQUERADE --random-fully', { kind: 'masquerade', to: { first: null, last: null, ports: null, flags: ['--random-fully'] } }],
    ['-j KUBE-NOT-THERE', { kind: 'unmodelled', name: 'KUBE-NOT-THERE', text: '-j KUBE-NOT-THERE' }],
  ])('%s', (text, target) => {
    expect(rule(text).target).toEqual(target);
  });

  test('an IPv6 DNAT destination keeps its port apart', () => {
    expect(rule('-p tcp -j DNAT --to-destination [fd00::1]:8080', 'ip6').target).toMatchObject({
      kind: 'dnat',
      to: { first: { words: [0xfd000000, 0, 0, 1] }, ports: { first: 8080, last: 8080 } },
    });
  });
});

describe('dumps', () => {
  test('every rule of a real dump keeps its line and its text', () => {
    const name = new URL('fixtures/every-match.iptables-nft-save', import.meta.url);
    const lines = readFileSync(name, 'utf8').split('\n');
    const ruleset = load(readFileSync(name, 'utf8'));
    const rules = [...ruleset.tables.values()].flatMap((table) =>
      [...table.chains.values()].flatMap((chain) => chain.rules.map((each) => ({ chain, each }))),
    );
    expect(rules.length).toBe(lines.filter((line) => line.startsWith('-A')).length);
    for (const { chain, each } of rules) expect(lines[each.line - 1]).toBe(`-A ${chain.name} ${each.text}`);
  });

  test("kube-proxy's rules decode completely", () => {
    const ruleset = load(readFileSync(new URL('fixtures/kube-proxy-20svc.save', import.meta.url), 'utf8'));
    const unmodelled = [...ruleset.tables.values()].flatMap((table) =>
      [...table.chains.values()].flatMap((chain) =>
        chain.rules.filter((each) => each.target.kind === 'unmodelled' || each.matches.some((match) => match.kind === 'unmodelled')),
      ),
    );
    expect(unmodelled).toEqual([]);
  });

  test('counters and CRLF are read', () => {
    const chain = load('*filter\r\n:INPUT DROP [7:800]\r\n[3:120] -A INPUT -i lo -j ACCEPT\r\nCOMMIT\r\n')
      .tables.get('filter')
      ?.chains.get('INPUT');
    expect(chain).toMatchObject({ policy: 'DROP', packets: 7, bytes: 800 });
    expect(chain?.rules[0]).toMatchObject({ packets: 3, bytes: 120, text: '-i lo -j ACCEPT', line: 3 });
  });

  test('what iptables-nft-save could not print is named', () => {
    expect(load("# Table `filter' is incompatible, use 'nft' tool.\n*nat\nCOMMIT\n").unreadable).toEqual([
      { table: 'filter', because: "Table `filter' is incompatible, use 'nft' tool.", line: 1 },
    ]);
  });

  test.each([
    ['a dump that ends inside a table', '*filter\n:INPUT ACCEPT [0:0]\n', { code: 'rules-file-truncated', line: 2 }],
    ['a table inside a table', '*filter\n*nat\nCOMMIT\n', { code: 'rules-file-truncated', line: 2 }],
    ['NUL bytes', '*filter\n\u0000\nCOMMIT\n', { code: 'rules-file-binary', line: 2 }],
    ['a rule for a chain that is not declared', '*filter\n-A INPUT -j DROP\nCOMMIT\n', { code: 'rule-for-unknown-chain', line: 2 }],
    ['a rule before any table', '-A INPUT -j DROP\n', { code: 'rule-for-unknown-chain', line: 1 }],
    ['a line that is nothing known', '*filter\nhello\nCOMMIT\n', { code: 'rules-line-unknown', line: 2 }],
    ['COMMIT without a table', 'COMMIT\n', { code: 'commit-without-table', line: 1 }],
  ])('%s is a problem with its line', (_, text, problem) => {
    expect(problemOf(text)).toEqual(problem);
  });

  test('no input makes the reader throw, and chunking changes nothing', () => {
    const piece = fc.constantFrom(
      '*filter\n',
      ':INPUT ACCEPT [0:0]\n',
      '-A INPUT ',
      '-j DROP\n',
      '! ',
      '-m tcp ',
      '--dport ',
      '"',
      '\\',
      '80 ',
      'COMMIT\n',
      '-p ',
      '\r\n',
      '-g INPUT\n',
      '[1:2] ',
      '# x\n',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const whole = readIptablesSave([bytes(text)], of);
        const single = readIptablesSave(
          [...bytes(text)].map((byte) => Uint8Array.of(byte)),
          of,
        );
        expect(single.ok).toBe(whole.ok);
        if (!whole.ok || !single.ok) return;
        const rules = (set: Ruleset): unknown =>
          [...set.tables].map(([name, table]) => [name, [...table.chains].map(([chain, { rules: all }]) => [chain, all])]);
        expect(rules(single.value)).toEqual(rules(whole.value));
      }),
    );
  });
});
