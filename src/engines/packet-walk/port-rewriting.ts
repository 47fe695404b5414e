import type { Family } from '#facts/address.ts';
import type { NftExpression } from '#facts/nft.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { nftRulesOf } from './rule-sources.ts';

/**
 * Whether a rule writes the ports of single packets, which only payload statements of nf_tables do: nat rewrites connections, of whole packets
 * (nft_payload_set_eval in net/netfilter/nft_payload.c). True where rules were not read.
 */
export function hasPortRewritingRule(snapshot: Snapshot, family: Family): boolean {
  const nft = nftRulesOf(snapshot);
  if (nft.kind === 'missing') return true;
  return nft.value.tables.some(
    (table) =>
      (table.family === family || table.family === 'inet') &&
      [...table.chains.values()].some(({ rules }) => rules.some(({ expressions }) => expressions.some(writesPorts))),
  );
}

const writesPorts = (each: NftExpression): boolean => each.kind === 'payload-set' && each.base === 'transport' && each.offset < 4;
