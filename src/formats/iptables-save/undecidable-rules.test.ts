import { describe, expect, test } from 'vitest';
import type { Family } from '#facts/address.ts';
import type { Backend, Rule } from '#facts/rule.ts';
import { readIptablesSave } from '../iptables-save.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function ruleOf(text: string, family: Family = 'ip', backend: Backend = 'legacy'): Rule {
  const found = readIptablesSave([bytes(`*filter\n:INPUT ACCEPT [0:0]\n-A INPUT ${text}\nCOMMIT\n`)], { backend, family, source: 's' });
  if (!found.ok) throw new Error(found.problem.code);
  return found.value.tables.get('filter')?.chains.get('INPUT')?.rules[0] as Rule;
}

const isUndecided = (rule: Rule): boolean => rule.target.kind === 'unmodelled' || rule.matches.some((match) => match.kind === 'unmodelled');

describe('a condition is never overlooked', () => {
  test.each<[title: string, text: string, family?: Family, backend?: Backend]>([
    ['a module printed without its options', '-m mark -j DROP'],
    ['a revision that the tool could not print', '-m mark --mark 0x1 [unsupported revision] -j DROP'],
    ['a word too many after an address', '-d 10.0.0.1/32 junk -j DROP'],
    ['an interface option without a name', '-i -j DROP'],
    ['an option of a verdict', '-j ACCEPT --odd'],
    ['a mark with two masks', '-m mark --mark 0x1/0xff/0x3 -j DROP'],
    ['a range with three ends', '-m iprange --src-range 10.0.0.1-10.0.0.5-10.0.0.9 -j DROP'],
    ['CONNMARK that shifts bits', '-j CONNMARK --save-mark --left-shift-mark 2'],
    ['CONNMARK that sets and shifts bits', '-j CONNMARK --set-xmark 0x1/0xff --left-shift-mark 2'],
    ['both ports negated in nft, whose meaning differs by version', '-p tcp -m tcp ! --sport 1 ! --dport 2 -j DROP', 'ip', 'nft'],
    ['ICMPv6 type 255, which is no wildcard', '-p ipv6-icmp -m icmp6 --icmpv6-type 255 -j DROP', 'ip6'],
    ['a module named like a property of every object', '-m toString -j DROP'],
    ['a target named like a property of every object', '-j constructor'],
    ['an ICMP type named like one', '-p icmp -m icmp --icmp-type constructor -j DROP'],
  ])('%s makes the rule undecided', (_title, text, family, backend) => {
    expect(isUndecided(ruleOf(text, family, backend))).toBe(true);
  });

  test('both ports negated in legacy are two conditions', () => {
    expect(isUndecided(ruleOf('-p tcp -m tcp ! --sport 1 ! --dport 2 -j DROP'))).toBe(false);
  });
});

describe('words that mean more than they seem to', () => {
  test.each([
    ['ipip', 94],
    ['ipencap', 4],
    ['ipv4', 4],
  ])('protocol %s is %i', (name, number) => {
    expect(ruleOf(`-p ${name} -j DROP`).matches).toEqual([{ kind: 'protocol', number, negated: false }]);
  });

  test('a comment may be any word', () => {
    expect(ruleOf('-m comment --comment constructor -j DROP').matches).toEqual([{ kind: 'comment', text: 'constructor' }]);
  });

  test('recent --set alone always matches; with another option its list decides', () => {
    const set = '-m recent --set --name A --mask 255.255.255.255 --rsource';
    expect(ruleOf(`${set} -j ACCEPT`).matches).toEqual([{ kind: 'accounting', module: 'recent' }]);
    expect(ruleOf(`-m recent ! --set --name A --rsource -j ACCEPT`).matches[0]?.kind).toBe('state-dependent');
    expect(ruleOf(`-m recent --rcheck --seconds 10 --name A --rsource -j ACCEPT`).matches[0]?.kind).toBe('state-dependent');
  });

  test('REJECT without an option answers in its own family', () => {
    expect(ruleOf('-j REJECT', 'ip6').target).toEqual({ kind: 'reject', with: 'icmp6-port-unreachable' });
  });

  test('DNAT to a port alone is read in IPv6 too', () => {
    expect(ruleOf('-j DNAT --to-destination :80', 'ip6').target).toMatchObject({ to: { first: null, ports: { first: 80, last: 80 } } });
  });
});

describe('bytes', () => {
  test('a caller may reuse its buffer for every chunk', () => {
    const all = bytes('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n');
    const chunks = (function* () {
      const buffer = new Uint8Array(16);
      for (let at = 0; at < all.length; at += 16) {
        const part = all.subarray(at, at + 16);
        buffer.set(part);
        yield buffer.subarray(0, part.length);
      }
    })();
    expect(readIptablesSave(chunks, { backend: 'legacy', family: 'ip', source: 's' }).ok).toBe(true);
  });

  test('a problem shows control characters escaped', () => {
    const found = readIptablesSave([bytes('*filter\n\u001b[31mred\n')], { backend: 'legacy', family: 'ip', source: 's' });
    expect(found).toMatchObject({ ok: false, problem: { line: 2, found: '\\x1b[31mred' } });
  });
});
