import { expect, test } from 'vitest';
import type { NftExpression } from '#facts/nft.ts';
import type { Probe } from '#facts/packet-walk.ts';
import { address, compared, matches, type NftScene, tcp, tcp6 } from '../../../../test/support/walk-nft.ts';

type Result = 'oif' | 'oifname' | 'type';
type Row = readonly [title: string, rule: readonly NftExpression[], packet: Probe, expected: string, scene?: NftScene];
const fib = (result: Result, ...flags: readonly string[]): NftExpression => ({ kind: 'fib', result, flags, to: 0 });
const type = (value: number): readonly number[] => [value, 0, 0, 0];
const name = (text: string): readonly number[] => [...text.padEnd(16, '\0')].map((each) => each.charCodeAt(0));
const early: NftScene = { hook: { hook: 'prerouting', priority: -150 } };
const to = (text: string, probe = tcp): Probe => ({ ...probe, to: address(text) });
const from = (text: string, probe = tcp): Probe => ({ ...probe, from: address(text) });

const rows: readonly Row[] = [
  ['an address of the node is LOCAL', compared(fib('type', 'daddr'), type(2)), to('192.168.0.1'), 'yes', early],
  [
    'limited to another interface it is UNICAST',
    compared(fib('type', 'daddr', 'iif'), type(1)),
    { ...to('192.168.0.1'), inInterface: 'cali1' },
    'yes',
    early,
  ],
  ['a broadcast address', compared(fib('type', 'daddr'), type(3)), to('192.168.0.255'), 'yes', early],
  ['a multicast address', compared(fib('type', 'daddr'), type(5)), to('224.0.0.5'), 'yes', early],
  ['any other address is UNICAST, route or not', compared(fib('type', 'saddr'), type(1)), from('172.16.0.1'), 'yes', early],
  ['an IPv6 address of the node', compared(fib('type', 'daddr'), type(2)), to('fd00::1', tcp6), 'yes', early],
  ['an IPv6 address without a route is UNREACHABLE', compared(fib('type', 'daddr'), type(7)), to('fd0f::1', tcp6), 'yes', early],
  ['an IPv6 address with a blackhole route', compared(fib('type', 'daddr'), type(6)), to('fd02::1', tcp6), 'yes', early],
  ['the route back leaves by the interface of arrival', compared(fib('oif', 'saddr', 'iif', 'present'), [1]), tcp, 'yes', early],
  ['it leaves by another', compared(fib('oif', 'saddr', 'iif', 'present'), [0]), { ...tcp, inInterface: 'cali1' }, 'yes', early],
  ['there is none', compared(fib('oif', 'saddr', 'present'), [0]), from('172.16.0.1'), 'yes', early],
  [
    'to an address of the node itself there is none that counts',
    compared(fib('oif', 'daddr', 'present'), [0]),
    to('192.168.0.1'),
    'yes',
    early,
  ],
  ['by its index', compared(fib('oif', 'saddr'), [2, 0, 0, 0]), tcp, 'yes', early],
  ['by its name', compared(fib('oifname', 'saddr'), name('eth0')), tcp, 'yes', early],
  ['of IPv6 too', compared(fib('oifname', 'saddr'), name('eth0')), tcp6, 'yes', early],
  ['without a route the name is no name', compared(fib('oifname', 'saddr'), name('eth0')), from('172.16.0.1'), 'no', early],
];

test.each(rows.map(([title, rule, packet, expected, scene]) => ({ title, rule, packet, expected, scene })))('nft_fib.c: $title', (row) => {
  expect(matches(row.rule, row.packet, row.scene)).toBe(row.expected);
});
