import { expect, test } from 'vitest';
import type { NftExpression } from '#facts/nft.ts';
import type { Probe } from '#facts/packet-walk.ts';
import { bytes, compared, gre, masked, matches, payload, ping, tcp, tcp6, udp } from '../../../../test/support/walk-nft.ts';

type Row = readonly [title: string, rule: readonly NftExpression[], packet: Probe, expected: string];

test.each<Row>([
  ['an IPv4 source', compared(payload('network', 12, 4), [192, 168, 0, 9]), tcp, 'yes'],
  ['another IPv4 source', compared(payload('network', 12, 4), [192, 168, 0, 8]), tcp, 'no'],
  ['a prefix on a byte boundary is a shorter load', compared(payload('network', 16, 3), [10, 0, 0]), tcp, 'yes'],
  ['both addresses in one comparison', compared(payload('network', 12, 8), [192, 168, 0, 9, 10, 0, 0, 2]), tcp, 'yes'],
  ['an IPv6 destination', compared(payload('network', 24, 16), [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]), tcp6, 'yes'],
  ['the protocol of IPv4', compared(payload('network', 9, 1), [6]), tcp, 'yes'],
  ['the next header of IPv6', compared(payload('network', 6, 1), [6]), tcp6, 'yes'],
  ['a load across two words', compared(payload('network', 14, 4), [0, 9, 10, 0]), tcp, 'yes'],
  ['IPv4 addresses behind the transport ports by the network header', compared(payload('network', 22, 2), [0, 80]), tcp, 'yes'],
  ['the length of the packet', compared(payload('network', 2, 2), [0, 60]), tcp, 'yes'],
  ['a length that is not given is asked for', compared(payload('network', 2, 2), [0, 60]), { ...tcp, length: null }, 'depends'],
  ['time to live, less by one in FORWARD', compared(payload('network', 8, 1), [63]), tcp, 'yes'],
  ['the identification is not known', compared(payload('network', 4, 2), [0, 1]), tcp, 'depends'],
  [
    'DF is not known, the offset of a fragment is',
    [payload('network', 6, 2), masked([0x1f, 0xff]), { kind: 'compare', op: 'eq', from: 0, value: bytes(0, 0) }],
    tcp,
    'yes',
  ],
  [
    'DF is not known, and where only it counts it is asked for',
    [payload('network', 6, 2), masked([0x40, 0]), { kind: 'compare', op: 'neq', from: 0, value: bytes(0, 0) }],
    tcp,
    'depends',
  ],
  ['known bits decide where the unknown ones cannot', compared(payload('network', 6, 2), [0x20, 0]), tcp, 'no'],
  [
    'the flow label of IPv6 is not known, its class is',
    [payload('network', 0, 2), masked([0x0f, 0xc0]), { kind: 'compare', op: 'eq', from: 0, value: bytes(0, 0) }],
    tcp6,
    'yes',
  ],
  ['a destination port', compared(payload('transport', 2, 2), [0, 80]), tcp, 'yes'],
  [
    'both ports in one comparison that negates: not both, instead of neither',
    compared(payload('transport', 0, 4), [3, 232, 0, 81], 'neq'),
    tcp,
    'yes',
  ],
  ['TCP flags', [payload('transport', 13, 1), masked([0x12]), { kind: 'compare', op: 'eq', from: 0, value: bytes(2) }], tcp, 'yes'],
  ['the sequence number is not known', compared(payload('transport', 4, 4), [0, 0, 0, 1]), tcp, 'depends'],
  ['what is not known is less or not', compared(payload('network', 4, 2), [0x80, 0], 'lt'), tcp, 'depends'],
  ['nothing is less than zero, known or not', compared(payload('network', 4, 2), [0, 0], 'lt'), tcp, 'no'],
  ['a port less than another, by memcmp', compared(payload('transport', 2, 2), [1, 0], 'lt'), tcp, 'yes'],
  ['ICMP type and code where a port would stand', compared(payload('transport', 0, 2), [8, 0]), ping, 'yes'],
  ['the destination port of ICMP is its checksum: not known', compared(payload('transport', 2, 2), [0, 80]), ping, 'depends'],
  ['GRE has bytes there too, which nobody tells', compared(payload('transport', 2, 2), [0, 80]), gre, 'depends'],
  [
    'past the end of the packet the rule does not match, negated or not',
    compared(payload('transport', 12, 1), [0], 'neq'),
    { ...udp, length: 32 },
    'no',
  ],
  [
    'where a later fragment would have its header a fast load finds data',
    compared(payload('transport', 2, 2), [0, 80], 'neq'),
    { ...tcp, fragment: { offset: 24, more: false } },
    'depends',
  ],
  [
    'a load that is not fast finds that it has none',
    compared(payload('transport', 2, 4), [0, 80, 0, 0], 'neq'),
    { ...tcp, fragment: { offset: 24, more: false } },
    'no',
  ],
  [
    'nor does a fast one past the end of the packet',
    compared(payload('transport', 8, 4), [0, 80, 0, 0], 'neq'),
    { ...tcp, length: 28, fragment: { offset: 24, more: false } },
    'no',
  ],
  ['the first fragment has one', compared(payload('transport', 2, 2), [0, 80]), { ...tcp, fragment: { offset: 0, more: true } }, 'yes'],
  [
    'a fragment of IPv6 names the fragment header',
    compared(payload('network', 6, 1), [44]),
    { ...tcp6, fragment: { offset: 24, more: false } },
    'yes',
  ],
  [
    'what the node sends has no frame yet',
    compared(payload('link', 0, 1), [0], 'neq'),
    { ...tcp, from: { family: 'ip', words: [0xc0a80001] }, inInterface: null },
    'no',
  ],
  ['the sender of a frame is not known', compared(payload('link', 6, 1), [2]), tcp, 'the header of the frame is not known'],
  [
    'what follows the transport header is not modelled',
    compared(payload('inner', 0, 1), [2]),
    tcp,
    'payload of the inner header is not modelled',
  ],
])('nft_payload.c: %s', (_title, rule, packet, expected) => {
  const scene = packet.inInterface === null ? ({ hook: { hook: 'output' } } as const) : {};
  expect(matches(rule, packet, scene)).toBe(expected);
});
