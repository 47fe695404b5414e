import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { type Code, fail, field, next, type Op } from '../op.ts';
import type { NftContext } from './context.ts';
import { payloadIsThere } from './payload.ts';
import { isTold } from './told.ts';

type Tproxy = Extract<NftExpression, { readonly kind: 'tproxy' }>;

/**
 * TCP and UDP only: where a transparent socket of the node takes such packets it gets this one and the rule goes on, else the rule ends
 * (nft_tproxy_eval in net/netfilter/nft_tproxy.c). Which sockets there are is not in a snapshot.
 */
export function tproxyOp({ family }: Tproxy, context: NftContext): Op {
  const own = family === 'inet' || family === context.family;
  const run = (machine: Machine): Code => {
    const { packet } = machine;
    if (!own || (packet.protocol !== 6 && packet.protocol !== 17)) return fail;
    if (!payloadIsThere({ base: 'transport', offset: 0, length: 4 }, packet)) return fail;
    return isTold(machine, null, 'tproxy') ? next : fail;
  };
  return { run, asks: true, reads: field.tuple, markReads: 0, writes: false };
}
