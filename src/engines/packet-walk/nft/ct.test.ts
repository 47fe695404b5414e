import { expect, test } from 'vitest';
import type { NftExpression } from '#facts/nft.ts';
import type { Probe } from '#facts/packet-walk.ts';
import { bytes, compared, masked, matches, type NftScene, ping, tcp, tcp6 } from '../../../../test/support/walk-nft.ts';
import { unknownMark } from '../packet.ts';

type Direction = 'original' | 'reply' | null;
type Row = readonly [title: string, rule: readonly NftExpression[], packet: Probe, expected: string, scene?: NftScene];

const ct = (key: string, direction: Direction = null): NftExpression => ({ kind: 'ct', key, direction, to: 0 });
const state = (bits: number): readonly NftExpression[] => [
  ct('state'),
  masked([bits, 0, 0, 0]),
  { kind: 'compare', op: 'neq', from: 0, value: bytes(0, 0, 0, 0) },
];
const early: NftScene = { hook: { hook: 'prerouting', priority: -300 } };
const later: NftScene = { hook: { hook: 'prerouting', priority: -150 } };
const bits = { invalid: 1, established: 2, related: 4, fresh: 8, untracked: 64 } as const;

const rows: readonly Row[] = [
  ['a first packet is NEW', state(bits.fresh), tcp, 'yes', later],
  ['and not ESTABLISHED or RELATED', state(bits.established | bits.related), tcp, 'no', later],
  ['before conntrack looks it is INVALID', state(bits.invalid), tcp, 'yes', early],
  ['an established connection', state(bits.established | bits.related), { ...tcp, state: 'ESTABLISHED', tcpFlags: 16 }, 'yes', later],
  ['what raw excluded is UNTRACKED', state(bits.untracked), { ...tcp, state: 'UNTRACKED' }, 'yes', later],
  ['the direction', compared(ct('direction'), [0]), tcp, 'yes', later],
  ['without a connection nothing but the state matches, negated or not', compared(ct('direction'), [9], 'neq'), tcp, 'no', early],
  ['the mark of a new connection is 0', compared(ct('mark'), [0, 0, 0, 0]), tcp, 'yes', later],
  [
    'the mark of an older connection is not known',
    compared(ct('mark'), [0, 0, 0, 0]),
    { ...tcp, state: 'ESTABLISHED', tcpFlags: 16 },
    unknownMark,
    later,
  ],
  ['a source of the original direction', compared(ct('src_ip', 'original'), [192, 168, 0, 9]), tcp, 'yes', later],
  ['a source of the reply direction', compared(ct('saddr', 'reply'), [10, 0, 0, 2]), tcp, 'yes', later],
  ['an IPv4 address of an IPv6 connection', compared(ct('src_ip', 'original'), [0, 0, 0, 0], 'neq'), tcp6, 'no', later],
  ['an IPv6 address', compared(ct('dst_ip6', 'original'), [0xfd, ...new Array<number>(14).fill(0), 2]), tcp6, 'yes', later],
  ['a port of the original direction', compared(ct('proto_dst', 'original'), [0, 80]), tcp, 'yes', later],
  ['a port of the reply direction', compared(ct('proto_dst', 'reply'), [3, 232]), tcp, 'yes', later],
  ['type and code of ICMP', compared(ct('proto_dst', 'original'), [8, 0]), ping, 'yes', later],
  [
    'the identifier of ICMP is not known',
    compared(ct('proto_src', 'original'), [0, 1]),
    ping,
    'ct proto_src of this connection is not known',
    later,
  ],
  ['the protocol', compared(ct('protocol'), [6]), tcp, 'yes', later],
  ['the family', compared(ct('l3protocol'), [10]), tcp6, 'yes', later],
  ['the zone', compared(ct('zone'), [0, 0]), tcp, 'yes', later],
  [
    'a first packet is not expected, assured, answered or confirmed',
    [ct('status'), masked([15, 0, 0, 0]), { kind: 'compare', op: 'eq', from: 0, value: bytes(0, 0, 0, 0) }],
    tcp,
    'yes',
    later,
  ],
  [
    'nor rewritten',
    [ct('status'), masked([0x30, 0, 0, 0]), { kind: 'compare', op: 'eq', from: 0, value: bytes(0, 0, 0, 0) }],
    tcp,
    'yes',
    later,
  ],
  ['a new connection has no helper of another', compared(ct('helper'), new Array<number>(16).fill(0), 'neq'), tcp, 'no', later],
  ['how many packets it had depends', compared(ct('packets'), new Array<number>(8).fill(0), 'neq'), tcp, 'depends', later],
  ['labels are not known', compared(ct('label'), new Array<number>(16).fill(0)), tcp, 'ct label is not known', later],
];

test.each(rows.map(([title, rule, packet, expected, scene]) => ({ title, rule, packet, expected, scene })))('nft_ct.c: $title', (row) => {
  expect(matches(row.rule, row.packet, row.scene)).toBe(row.expected);
});

test('nft_ct.c: a rewritten destination shows in the status and in the reply direction', () => {
  const dnat: readonly NftExpression[] = [
    { kind: 'immediate', to: 0, value: bytes(10, 0, 0, 7) },
    { kind: 'nat', type: 'dnat', family: 'ip', addressFrom: 0, addressTo: null, portFrom: null, portTo: null, flags: [] },
  ];
  const rewritten = (rule: readonly NftExpression[]): string => matches(rule, tcp, { hook: { hook: 'forward' }, natBefore: dnat });
  expect(rewritten([ct('status'), masked([0x20, 0, 0, 0]), { kind: 'compare', op: 'neq', from: 0, value: bytes(0, 0, 0, 0) }])).toBe('yes');
  expect(rewritten(compared(ct('src_ip', 'reply'), [10, 0, 0, 7]))).toBe('yes');
  expect(rewritten(compared(ct('dst_ip', 'original'), [10, 0, 0, 2]))).toBe('yes');
});
