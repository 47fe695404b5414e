import type { NftExpression } from '#facts/nft.ts';
import { ctLoad } from './ct.ts';
import { exthdrLoad } from './exthdr.ts';
import { fibLoad } from './fib.ts';
import type { Load } from './load.ts';
import { metaLoad } from './meta.ts';
import { payloadLoad } from './payload.ts';
import { rtLoad } from './rt.ts';
import { socketLoad } from './socket.ts';
import type { Place } from './told.ts';

/** Null: the expression loads nothing. */
export function loadOf(expression: NftExpression, place: Place): Load | null {
  switch (expression.kind) {
    case 'payload':
      return payloadLoad(expression);
    case 'meta':
      return metaLoad(expression, place.context);
    case 'ct':
      return ctLoad(expression, place.context);
    case 'fib':
      return fibLoad(expression, place.context);
    case 'rt':
      return rtLoad(expression);
    case 'socket':
      return socketLoad(expression, place);
    case 'exthdr':
      return exthdrLoad(expression);
    default:
      return null;
  }
}
