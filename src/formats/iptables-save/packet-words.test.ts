import { describe, expect, test } from 'vitest';
import type { Family } from '#facts/address.ts';
import type { Rule } from '#facts/rule.ts';
import { readIptablesSave } from '../iptables-save.ts';

function ruleOf(text: string, family: Family = 'ip'): Rule {
  const bytes = new TextEncoder().encode(`*filter\n:INPUT ACCEPT [0:0]\n-A INPUT ${text}\nCOMMIT\n`);
  const found = readIptablesSave([bytes], { backend: 'legacy', family, source: 's' });
  if (!found.ok) throw new Error(found.problem.code);
  return found.value.tables.get('filter')?.chains.get('INPUT')?.rules[0] as Rule;
}

describe('words of matches', () => {
  test.each([
    ['-m ttl ! --ttl-eq 2', { kind: 'ttl', compare: 'ne', value: 2 }],
    ['-m hl --hl-lt 3', { kind: 'ttl', compare: 'lt', value: 3 }],
    ['-m length ! --length 0:100', { kind: 'length', range: { first: 0, last: 100 }, negated: true }],
    ['-m tos --tos 0x10/0x3f', { kind: 'tos', value: 16, mask: 63, negated: false }],
    ['-m dscp ! --dscp 0x2e', { kind: 'tos', value: 0xb8, mask: 0xfc, negated: true }],
    ['-m pkttype --pkt-type multicast', { kind: 'packet-type', type: 'multicast', negated: false }],
    ['-m mac ! --mac-source 00:11:22:AA:BB:CC', { kind: 'mac-source', mac: '00:11:22:aa:bb:cc', negated: true }],
    ['-m helper --helper ""', { kind: 'helper', name: '', negated: false }],
    ['-m owner ! --uid-owner 0', { kind: 'owner', withoutSocket: true, text: '-m owner ! --uid-owner 0' }],
    ['-m owner ! --uid-owner 0 --gid-owner 1', { kind: 'owner', withoutSocket: false, text: '-m owner ! --uid-owner 0 --gid-owner 1' }],
    ['-m policy --dir out --pol none', { kind: 'ipsec-policy', direction: 'out', ipsec: false, text: '' }],
    ['-m policy --dir in --pol ipsec ! --reqid 7', { kind: 'ipsec-policy', direction: 'in', ipsec: true, text: '! --reqid 7' }],
    ['-m statistic --mode nth ! --every 4 --packet 1', { kind: 'statistic', mode: 'nth', probability: 0.25, negated: true }],
    ['-m cpu --cpu 1', { kind: 'state-dependent', module: 'cpu', text: '-m cpu --cpu 1' }],
  ])('%s', (text, match) => {
    expect(ruleOf(`${text} -j DROP`).matches).toEqual([match]);
  });

  test('a probability is the part of 2^31 that the kernel keeps', () => {
    expect(ruleOf('-m statistic --mode random --probability 0.33333333349 -j DROP').matches).toEqual([
      { kind: 'statistic', mode: 'random', probability: 715827883 / 2 ** 31, negated: false },
    ]);
  });
});

describe('words of targets', () => {
  test.each([
    ['-j DSCP --set-dscp 0x10', { kind: 'set-tos', value: 64, mask: 252 }],
    ['-j TOS --set-tos 0x10/0x3f', { kind: 'set-tos', value: 16, mask: 63 }],
    ['-j TTL --ttl-inc 1', { kind: 'set-ttl', operation: 'increment', value: 1 }],
    ['-j HL --hl-set 5', { kind: 'set-ttl', operation: 'set', value: 5 }],
    ['-j CT --helper ftp', { kind: 'set-zone', zone: 0, direction: null }],
    ['-j CT --zone-reply 7 --helper ftp', { kind: 'set-zone', zone: 7, direction: 'reply' }],
    ['-j TPROXY --on-port 50 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x3', { kind: 'tproxy', address: null, port: 50, mark: 1, mask: 3 }],
    ['-j NFQUEUE --queue-num 1 --queue-bypass', { kind: 'queue', bypass: true, text: '-j NFQUEUE --queue-num 1 --queue-bypass' }],
    ['-j QUEUE', { kind: 'queue', bypass: false, text: '-j QUEUE' }],
    [
      '-j SET --add-set a src --del-set b dst,dst',
      { kind: 'change-set', sets: ['a', 'b'], text: '-j SET --add-set a src --del-set b dst,dst' },
    ],
    ['-j TEE --gateway 10.0.0.1', { kind: 'continue', name: 'TEE' }],
  ])('%s', (text, target) => {
    expect(ruleOf(text).target).toEqual(target);
  });
});

describe('words that say something else make the rule undecided', () => {
  test.each([
    '-m ttl ! --ttl-lt 3 -j DROP',
    '-m ttl --ttl-eq 256 -j DROP',
    '-m tos --tos 0x10/0x3f/1 -j DROP',
    '-m dscp --dscp 0x40 -j DROP',
    '-m dscp --dscp-class EF -j DROP',
    '-m pkttype --pkt-type otherhost -j DROP',
    '-m mac --mac-source 00:11:22 -j DROP',
    '-m owner -j DROP',
    '-m owner --pid-owner 7 -j DROP',
    '-m socket --future -j DROP',
    '-m policy --pol ipsec -j DROP',
    '-m policy ! --dir in --pol ipsec -j DROP',
    '-m statistic --mode nth --every 0 --packet 0 -j DROP',
    '-j DSCP',
    '-j DSCP --set-dscp 0x40',
    '-j TOS --set-tos 0x10/0x3f/1',
    '-j TTL --ttl-mul 2',
    '-j CT --zone mark',
    '-j CT --zone 70000',
    '-j CT --zone-orig 1 --zone-reply 2',
    '-j CT --future',
    '-j CT --notrack --zone 3',
    '-j TPROXY --on-ip 10.0.0.1',
    '-j TPROXY --on-port 80 --on-ip fd00::1',
    '-j NFQUEUE --future',
    '-j SET --map-set s src --map-mark',
    '-j SET --add-set s',
    '-j NETMAP --future 10.0.0.0/8',
  ])('%s', (text) => {
    const rule = ruleOf(text);
    expect([rule.target.kind, ...rule.matches.map(({ kind }) => kind)]).toContain('unmodelled');
  });
});
