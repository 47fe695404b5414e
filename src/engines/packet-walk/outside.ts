import { type Address, type Family, parseAddress, prefixContains } from '#facts/address.ts';
import type { Route } from '#facts/network.ts';

/** Addresses for documentation (RFC 5737, RFC 3849): whichever one no route but a default one names stands for the world outside. */
const worldwide: Readonly<Record<Family, readonly string[]>> = {
  ip: ['192.0.2.1', '198.51.100.1', '203.0.113.1'],
  ip6: ['2001:db8::1', '2001:db8:ffff::1'],
};

/** An address of the outside, and the interface that the default route leaves by. Null: the node has no default route. */
export function outsideOf(routes: readonly Route[], family: Family): { readonly address: Address; readonly by: string } | null {
  const own = routes.filter((route) => route.family === family);
  const byDefault = own.find(({ destination, table, type }) => destination.bits === 0 && table === 'main' && type === 'unicast');
  const address = worldwide[family]
    .map(parseAddress)
    .find((each) => each !== null && !own.some(({ destination }) => destination.bits !== 0 && prefixContains(destination, each)));
  const by = byDefault?.interface ?? null;
  return by === null || address === undefined || address === null ? null : { address, by };
}
