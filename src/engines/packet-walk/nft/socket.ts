import type { NftExpression } from '#facts/nft.ts';
import { field } from '../op.ts';
import type { Load } from './load.ts';
import { isTold } from './told.ts';

/** The socket that would take the packet, where there is one (net/netfilter/nft_socket.c): sockets are not in a snapshot. */
export function socketLoad({ key, to }: Extract<NftExpression, { readonly kind: 'socket' }>): Load {
  const length = key === 'cgroupv2' ? 8 : key === 'mark' ? 4 : 1;
  return {
    to,
    length,
    reads: field.tuple,
    markReads: 0,
    asks: true,
    scalar: null,
    load: (machine, registers) => {
      if (!isTold(machine, null, 'socket')) return false;
      registers.setUnknown(to, length, null);
      return true;
    },
  };
}
