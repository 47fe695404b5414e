import { expect, test } from 'vitest';
import type { NftExpression } from '#facts/nft.ts';
import { plainStatement } from './statements.ts';

const reject = (code: number): NftExpression => ({ kind: 'reject', type: 'icmp-unreachable', code });

test.each<readonly [NftExpression, network: string | null, text: string]>([
  [reject(13), 'ip', 'reject with icmp admin-prohibited'],
  [reject(3), 'ip', 'reject'],
  [reject(0), 'ip6', 'reject with icmpv6 no-route'],
  [reject(3), 'ip6', 'reject with icmpv6 addr-unreachable'],
  [reject(4), 'ip6', 'reject'],
  [{ kind: 'quota', over: true, bytes: 20_971_520 } as NftExpression, null, 'quota over 20 mbytes'],
  [{ kind: 'quota', over: false, bytes: 1500 } as NftExpression, null, 'quota 1500 bytes'],
])('a code means what its family says, and sizes have the unit that nft writes: %#', (expression, network, text) => {
  expect(plainStatement(expression, network)).toBe(text);
});
