import type { NftExpression } from '#facts/nft.ts';
import type { NftContext } from './context.ts';
import { ctLoad } from './ct.ts';
import { exthdrLoad } from './exthdr.ts';
import { fibLoad } from './fib.ts';
import type { Load } from './load.ts';
import { metaLoad } from './meta.ts';
import { payloadLoad } from './payload.ts';
import { rtLoad } from './rt.ts';
import { socketLoad } from './socket.ts';

/** Null: the expression loads nothing. */
export function loadOf(expression: NftExpression, context: NftContext): Load | null {
  switch (expression.kind) {
    case 'payload':
      return payloadLoad(expression);
    case 'meta':
      return metaLoad(expression, context);
    case 'ct':
      return ctLoad(expression, context);
    case 'fib':
      return fibLoad(expression, context);
    case 'rt':
      return rtLoad(expression);
    case 'socket':
      return socketLoad(expression);
    case 'exthdr':
      return exthdrLoad(expression);
    default:
      return null;
  }
}
