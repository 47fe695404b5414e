import type { NftExpression } from '#facts/nft.ts';
import { field } from '../op.ts';
import type { NftContext } from './context.ts';
import type { Load } from './load.ts';
export function fibLoad({ to, result }: Extract<NftExpression, { readonly kind: 'fib' }>, _context: NftContext): Load {
  const length = result === 'oifname' ? 16 : 4;
  return {
    to,
    length,
    reads: field.tuple,
    markReads: 0,
    asks: false,
    scalar: null,
    load: (_, registers) => {
      registers.setUnknown(to, length, 'fib');
      return true;
    },
  };
}
