import type { NftRuleset } from '#facts/nft.ts';
import { type Reading, read } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { joinSave } from '#formats/nft-join.ts';
import { readNftJson } from '#formats/nft-json/read-nft-json.ts';
import type { Parts } from './parts.ts';
import { readingOf, readRules } from './rules-part.ts';
import { textOf } from './text.ts';

/** What the kernel said of its own rules, from the raw messages of `netlink/`. */
export function readKernelRules(parts: Parts): Snapshot['kernelRules'] {
  return {
    legacy: { ip: parts.lacks('netlink/legacy-ip'), ip6: parts.lacks('netlink/legacy-ip6') },
    nft: parts.lacks('netlink/nftables'),
  };
}

/** What nft listed, with the extensions of iptables from the dumps of iptables-nft-save beside it. */
export function readNftListing(parts: Parts): Reading<NftRuleset> {
  const path = parts.find('netfilter/nft-ruleset.json', 'nft-ruleset.json');
  if (path === null) return parts.lacks('netfilter/nft-ruleset.json');
  const listing = readNftJson(textOf(parts.files, path), path);
  if (!listing.ok) return readingOf(listing, path);
  const [ip, ip6] = (['ip', 'ip6'] as const).map((family) => readRules(parts, 'nft', family));
  return read(joinSave(listing.value, { ip: valueRead(ip), ip6: valueRead(ip6) }), path);
}

function valueRead(reading: Reading<Ruleset> | undefined): Ruleset | undefined {
  return reading?.kind === 'read' ? reading.value : undefined;
}
