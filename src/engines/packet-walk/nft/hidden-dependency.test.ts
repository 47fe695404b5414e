import { expect, test } from 'vitest';
import type { NftExpression } from '#facts/nft.ts';
import type { Probe } from '#facts/packet-walk.ts';
import { compared, matches, meta, type NftScene, payload, ping, tcp, tcp6 } from '../../../../test/support/walk-nft.ts';

const tcpPort = [...compared(meta('l4proto'), [6]), ...compared(payload('transport', 2, 2), [0, 80])];
const icmpType = [...compared(meta('l4proto'), [1]), ...compared(payload('transport', 0, 1), [8])];
const noTransport = compared(meta('l4proto'), [6]);
const first: Probe = { ...tcp6, fragment: { offset: 0, more: true } };
const oddPing: Probe = { ...ping, from: tcp6.from, to: tcp6.to, icmp: { type: 8, code: 0 } };
const untold = expect.stringContaining('the listing does not tell how the rule asks for the protocol');

test.each<
  readonly [title: string, rule: readonly NftExpression[], probe: Probe, origin: NonNullable<NftScene['origin']>, expected: unknown]
>([
  ['a whole packet', tcpPort, tcp6, 'text', 'yes'],
  ['a fragment of IPv6', tcpPort, first, 'text', untold],
  ['a fragment of IPv6, as the kernel tells the rule', tcpPort, first, 'kernel', 'yes'],
  ['a fragment of IPv6 that the rule would not take anyway', tcpPort, { ...first, toPort: 81 }, 'json', 'no'],
  ['a fragment of IPv4', tcpPort, { ...tcp, fragment: { offset: 0, more: true } }, 'text', 'yes'],
  ['a rule that asks for the protocol alone', noTransport, first, 'text', 'yes'],
  ['ICMP in IPv6', icmpType, oddPing, 'json', untold],
])('PW17 what a listing leaves out: %s', (_, rule, probe, origin, expected) => {
  expect(matches(rule, probe, { origin })).toEqual(expected);
});
