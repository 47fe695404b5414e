import type { Family } from '#facts/address.ts';
import type { NftRuleset } from '#facts/nft.ts';
import type { Reading } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';

/** The rules of nf_tables: from the kernel's own messages, else from a listing of nft. Missing: there is at most what iptables-nft-save printed. */
export function nftRulesOf({ kernelRules, nftListing }: Snapshot): Reading<NftRuleset> {
  return kernelRules.nft.kind === 'read' ? kernelRules.nft : nftListing;
}

/** Legacy tables: from the kernel's own messages, else from iptables-legacy-save. */
export function legacyRulesOf({ kernelRules, rulesets }: Snapshot, family: Family): Reading<Ruleset> {
  const kernel = kernelRules.legacy[family];
  return kernel.kind === 'read' ? kernel : rulesets.legacy[family];
}
