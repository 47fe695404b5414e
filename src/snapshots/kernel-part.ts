import type { NftRuleset } from '#facts/nft.ts';
import type { Reading } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { readNftJson } from '#formats/nft-json/read-nft-json.ts';
import type { Parts } from './parts.ts';
import { readingOf } from './rules-part.ts';
import { textOf } from './text.ts';

/** What the kernel said of its own rules, from the raw messages of `netlink/`. */
export function readKernelRules(parts: Parts): Snapshot['kernelRules'] {
  return {
    legacy: { ip: parts.lacks('netlink/legacy-ip'), ip6: parts.lacks('netlink/legacy-ip6') },
    nft: parts.lacks('netlink/nftables'),
  };
}

/** What nft listed. */
export function readNftListing(parts: Parts): Reading<NftRuleset> {
  const path = parts.find('netfilter/nft-ruleset.json', 'nft-ruleset.json');
  return path === null ? parts.lacks('netfilter/nft-ruleset.json') : readingOf(readNftJson(textOf(parts.files, path), path), path);
}
