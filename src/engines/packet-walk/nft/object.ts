import type { NftExpression } from '#facts/nft.ts';
import type { Op } from '../op.ts';
import { verdictOp } from '../xt/target.ts';
import { chanceOp } from './unmodelled.ts';

/** A named object of a table (net/netfilter/nft_objref.c). Helpers, time-outs and expectations change nothing that a first packet shows. */
export function objectOps({ type, text }: Extract<NftExpression, { readonly kind: 'object' }>): readonly Op[] {
  switch (type) {
    case 'counter':
    case 'ct helper':
    case 'ct timeout':
    case 'ct expectation':
    case 'secmark':
      return [];
    case 'quota':
    case 'limit':
    case 'ct count':
      return [chanceOp];
    default:
      return [verdictOp({ kind: 'undecided', because: `object ${text} is not modelled` })];
  }
}
