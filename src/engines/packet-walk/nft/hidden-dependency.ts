import type { NftExpression } from '#facts/nft.ts';
import { fail, field, next, type Op } from '../op.ts';
import { isFragmentOf6, isIcmpOfOtherFamily } from '../packet.ts';
import { isTold } from './told.ts';

const because =
  'the listing does not tell how the rule asks for the protocol: by the header or by what follows it, and whether for the family';

/**
 * nft leaves out what follows from the rest of a rule (`payload_dependency_kill` in nftables' src/payload.c): `ip6 nexthdr tcp tcp dport 80` lists as `tcp dport 80`
 * does, of which the first takes no fragments of IPv6, and `icmp type` in an inet table as with `meta nfproto`. Such packets may or may not meet a listed rule that
 * looks at transport headers. Null: it does not.
 */
export function hiddenDependency(expressions: readonly NftExpression[]): Op | null {
  if (!expressions.some((each) => each.kind === 'payload' && each.base === 'transport')) return null;
  return {
    run: (machine) =>
      (isFragmentOf6(machine.packet) || isIcmpOfOtherFamily(machine.packet)) && !isTold(machine, because, 'dependency') ? fail : next,
    asks: true,
    reads: field.none,
    markReads: 0,
    writes: false,
    isTest: true,
  };
}
