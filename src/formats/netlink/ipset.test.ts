import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IpSet } from '#facts/ipset.ts';
import type { Result } from '#facts/result.ts';
import { readIpsetSave } from '../ipset-save.ts';
import { readMember } from './ipset/member.ts';
import { readIpsets } from './ipset.ts';

// Recorded in one network namespace (Linux 6.18, ipset 7.17): the kernel's messages, and what `ipset save` printed.
const bytes = new Uint8Array(readFileSync(new URL('../fixtures/netlink/ipset', import.meta.url)));
const save = new Uint8Array(readFileSync(new URL('../fixtures/netlink/ipset-save', import.meta.url)));

function value(result: Result<ReadonlyMap<string, IpSet>>): ReadonlyMap<string, IpSet> {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

const kernel = value(readIpsets(bytes, 'netlink/ipset'));
const saved = value(readIpsetSave([save], 'netfilter/ipset-save'));

test.each([...saved.keys()].filter((name) => !name.startsWith('hport')))('set %s is that of ipset save', (name) => {
  expect({ ...kernel.get(name), line: 0 }).toEqual({ ...saved.get(name), line: 0 });
});

test('ICMP types are numbers, also where ipset prints a name', () => {
  const of = (sets: ReadonlyMap<string, IpSet>) => sets.get('hport')?.members.map(({ text }) => text.slice('10.0.0.1,'.length));
  expect(of(saved)?.toSorted()).toEqual(
    of(kernel)
      ?.map((text) => ({ 'icmp:8/0': 'icmp:echo-request', 'icmp:3/1': 'icmp:host-unreachable' })[text] ?? text)
      .toSorted(),
  );
  expect(of(kernel)).toEqual(expect.arrayContaining(['tcp:80', 'udp:53', 'icmp:8/0', 'icmp:77/3', 'gre:0', '200:0']));
});

test('a prefix of interface names, and the exception to a block, are no part of the text', () => {
  expect(kernel.get('hni')?.members).toEqual(
    expect.arrayContaining([
      { text: '10.3.0.0/16,ca', nomatch: false, wildcard: true },
      { text: '0.0.0.0/0,eth2', nomatch: true },
      { text: '10.1.0.0/16,physdev:eth1', nomatch: false },
    ]),
  );
});

/** An attribute's value of the types that this kernel cannot make (include/uapi/linux/netfilter/ipset/ip_set.h). */
const ipv4 = (last: number): Uint8Array => Uint8Array.of(8, 0, 1, 0, 10, 0, 0, last);
const member = (dimensions: string, attributes: readonly (readonly [number, Uint8Array])[]) =>
  readMember(new Map(attributes), dimensions.split(','))?.text;

test.each([
  [
    'net,net',
    '10.0.0.0/8,10.0.0.9',
    [
      [1, ipv4(0)],
      [3, Uint8Array.of(8)],
      [20, ipv4(9)],
      [21, Uint8Array.of(32)],
    ],
  ],
  [
    'net,port,net',
    '10.0.0.0/24,tcp:80,10.0.0.0/0',
    [
      [1, ipv4(0)],
      [3, Uint8Array.of(24)],
      [7, Uint8Array.of(6)],
      [4, Uint8Array.of(0, 80)],
      [20, ipv4(0)],
      [21, Uint8Array.of(0)],
    ],
  ],
  [
    'ip,mark',
    '10.0.0.1,0x0000abcd',
    [
      [1, ipv4(1)],
      [10, Uint8Array.of(0, 0, 0xab, 0xcd)],
    ],
  ],
  ['mac', '02:00:00:00:00:AB', [[17, Uint8Array.of(2, 0, 0, 0, 0, 0xab)]]],
  [
    'ip,mac',
    '10.0.0.1,02:00:00:00:00:01',
    [
      [1, ipv4(1)],
      [17, Uint8Array.of(2, 0, 0, 0, 0, 1)],
    ],
  ],
] as const)('a member of hash:%s is %s', (dimensions, text, attributes) => {
  expect(member(dimensions, attributes)).toBe(text);
});

test('a member whose dimension is not known, or lacks its attribute, is not decoded, and the other sets are', () => {
  expect(member('ip,flavour', [[1, ipv4(1)]])).toBeUndefined();
  expect(member('ip,port', [[1, ipv4(1)]])).toBeUndefined();
  const unknown = bytes.slice();
  unknown.set(Buffer.from('hash:net,qface'), Buffer.from(unknown).indexOf('hash:net,iface'));
  const sets = value(readIpsets(unknown, 'netlink/ipset'));
  expect(sets.get('hni')?.members.map(({ text }) => text)).toEqual(new Array(4).fill('[not decoded]'));
  expect(sets.size).toBe(kernel.size);
});

test('bytes cut short are a problem, and any bytes are sets or a problem', () => {
  expect(readIpsets(bytes.subarray(0, bytes.length - 4), 's')).toMatchObject({ ok: false, problem: { code: 'netlink-truncated' } });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
      const changed = bytes.slice();
      for (const [at, byte] of changes) changed[at] = byte;
      expect(typeof readIpsets(changed, 's').ok).toBe('boolean');
    }),
    { numRuns: 300 },
  );
});
