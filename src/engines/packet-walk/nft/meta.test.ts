import { expect, test } from 'vitest';
import type { NftExpression } from '#facts/nft.ts';
import type { Probe } from '#facts/packet-walk.ts';
import { address, bytes, compared, masked, matches, meta, type NftScene, ping, tcp, tcp6 } from '../../../../test/support/walk-nft.ts';

type Row = readonly [title: string, rule: readonly NftExpression[], packet: Probe, expected: string, scene?: NftScene];

const name = (text: string, length = 16): readonly number[] => [...text.padEnd(length, '\0')].map((each) => each.charCodeAt(0));
const at = (hook: NonNullable<NonNullable<NftScene['hook']>['hook']>): NftScene => ({ hook: { hook } });
const own: Probe = { ...tcp, from: address('192.168.0.1'), inInterface: null };
const marked: Probe = { ...tcp, mark: 0x12345678 };

const rows: readonly Row[] = [
  ['a mark in the order of the host', compared(meta('mark'), [0x78, 0x56, 0x34, 0x12]), marked, 'yes'],
  ['a mark on a big endian node', compared(meta('mark'), [0x12, 0x34, 0x56, 0x78]), marked, 'yes', { littleEndian: false }],
  [
    'a mark that is masked',
    [meta('mark'), masked([0xff, 0, 0, 0]), { kind: 'compare', op: 'eq', from: 0, value: bytes(0x78, 0, 0, 0) }],
    marked,
    'yes',
  ],
  [
    'a mark less than another, its bytes turned round for memcmp',
    [
      meta('mark'),
      { kind: 'byteorder', from: 0, to: 0, length: 4, size: 4 },
      { kind: 'compare', op: 'lt', from: 0, value: bytes(0x12, 0x34, 0x56, 0x79) },
    ],
    marked,
    'yes',
  ],
  ['without turning memcmp looks at the lowest byte first', compared(meta('mark'), [0x77, 0, 0, 0], 'lt'), marked, 'no'],
  [
    'a mark in a range',
    [
      meta('mark'),
      { kind: 'byteorder', from: 0, to: 0, length: 4, size: 4 },
      { kind: 'range', op: 'eq', from: 0, first: bytes(0x12, 0, 0, 0), last: bytes(0x13, 0, 0, 0) },
    ],
    marked,
    'yes',
  ],
  ['the transport protocol', compared(meta('l4proto'), [6]), tcp, 'yes'],
  [
    'a byteorder of groups of two leaves one byte alone',
    [meta('l4proto'), { kind: 'byteorder', from: 0, to: 0, length: 1, size: 2 }, { kind: 'compare', op: 'eq', from: 0, value: bytes(6) }],
    tcp,
    'yes',
  ],
  ['NFPROTO_IPV4 in an inet table', compared(meta('nfproto'), [2]), tcp, 'yes'],
  ['NFPROTO_IPV6 in an inet table', compared(meta('nfproto'), [2]), tcp6, 'no'],
  ['the protocol of the frame in network order', compared(meta('protocol'), [0x08, 0x00]), tcp, 'yes'],
  ['an interface by its whole name', compared(meta('iifname'), name('eth0')), tcp, 'yes'],
  ['a name that only begins so', compared(meta('iifname'), name('eth')), tcp, 'no'],
  ['a wildcard is a shorter comparison', compared(meta('iifname'), name('eth', 3)), tcp, 'yes'],
  ['a part of a name with its zero is whole', compared(meta('iifname'), name('eth0', 5)), tcp, 'yes'],
  ['not this interface', compared(meta('oifname'), name('eth0'), 'neq'), tcp, 'yes'],
  ['no output interface is an empty name', compared(meta('oifname'), name('')), tcp, 'yes', at('prerouting')],
  ['an interface by its index', compared(meta('iif'), [2, 0, 0, 0]), tcp, 'yes'],
  ['no output interface has index 0', compared(meta('oif'), [0, 0, 0, 0]), tcp, 'yes', at('prerouting')],
  ['the type of a veth is Ethernet', compared(meta('oiftype'), [1, 0]), tcp, 'yes'],
  ['the type of no interface does not match, negated or not', compared(meta('oiftype'), [9, 0], 'neq'), tcp, 'no', at('prerouting')],
  ['the kind of an interface', compared(meta('oifkind'), name('veth')), tcp, 'yes'],
  [
    'groups of interfaces are not in a snapshot',
    compared(meta('iifgroup'), [1, 0, 0, 0]),
    tcp,
    'meta iifgroup of eth0 is not in the snapshot',
  ],
  ['the type of the frame', compared(meta('pkttype'), [0]), tcp, 'yes'],
  ['the length of the packet in the order of the host', compared(meta('length'), [60, 0, 0, 0]), tcp, 'yes'],
  ['a length that is not given', compared(meta('length'), [60, 0, 0, 0]), { ...tcp, length: null }, 'depends'],
  ['what comes in has no socket', compared(meta('skuid'), [0, 0, 0, 0], 'neq'), tcp, 'no'],
  ['whose socket sent it depends', compared(meta('skuid'), [0, 0, 0, 0], 'neq'), own, 'depends', at('output')],
  [
    'the first packet of a TCP connection has no socket in INPUT',
    compared(meta('skgid'), [0, 0, 0, 0], 'neq'),
    { ...tcp, to: address('192.168.0.1') },
    'no',
    { ...at('input'), tracks: true },
  ],
  [
    'other packets may have one there',
    compared(meta('skgid'), [0, 0, 0, 0], 'neq'),
    { ...ping, to: address('192.168.0.1') },
    'depends',
    { ...at('input'), tracks: true },
  ],
  ['the hour depends', compared(meta('hour'), [0, 0, 0, 0]), tcp, 'depends'],
  ['what nobody knows is named', compared(meta('rtclassid'), [0, 0, 0, 0]), tcp, 'meta rtclassid is not known'],
];

test.each(rows.map(([title, rule, packet, expected, scene]) => ({ title, rule, packet, expected, scene })))('nft_meta.c: $title', (row) => {
  expect(matches(row.rule, row.packet, row.scene)).toBe(row.expected);
});
