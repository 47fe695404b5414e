import { fail, field, next, type Op } from '../op.ts';
import { verdictOp } from '../xt/target.ts';

const tcp = 6;

/** Of TCP only (nft_synproxy_do_eval in net/netfilter/nft_synproxy.c), where it answers in the receiver's place. */
export const synproxyOps: readonly Op[] = [
  { run: ({ packet }) => (packet.protocol === tcp ? next : fail), asks: false, reads: field.none, markReads: 0, writes: false },
  verdictOp({ kind: 'undecided', because: 'synproxy is not modelled' }),
];
