import type { NftExpression } from '#facts/nft.ts';
import { field } from '../op.ts';
import type { Load } from './load.ts';

/** What the packet's route tells (net/netfilter/nft_rt.c); before routing there is none, and the load fails. */
export function rtLoad({ key, to }: Extract<NftExpression, { readonly kind: 'rt' }>): Load {
  const length = key === 'nexthop6' ? 16 : key === 'tcpmss' ? 2 : key === 'ipsec' ? 1 : 4;
  return {
    to,
    length,
    reads: field.tuple,
    markReads: 0,
    asks: false,
    scalar: null,
    load: ({ packet, hook }, registers) => {
      const family = key === 'nexthop4' ? 'ip' : key === 'nexthop6' ? 'ip6' : packet.family;
      if (family !== packet.family || (hook === 'prerouting' && packet.inInterface !== 'lo')) return false;
      registers.setUnknown(to, length, `rt ${key} is not known`);
      return true;
    },
  };
}
