import type { NftRuleset } from '#facts/nft.ts';
import type { Reading } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { Parts } from './parts.ts';

/** What the kernel said of its own rules, from the raw messages of `netlink/`. */
export function readKernelRules(parts: Parts): Snapshot['kernelRules'] {
  return {
    legacy: { ip: parts.lacks('netlink/legacy-ip'), ip6: parts.lacks('netlink/legacy-ip6') },
    nft: parts.lacks('netlink/nftables'),
  };
}

/** What nft listed. */
export function readNftListing(parts: Parts): Reading<NftRuleset> {
  return parts.lacks('netfilter/nft-ruleset.json');
}
