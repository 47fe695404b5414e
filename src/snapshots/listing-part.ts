import type { NftRuleset } from '#facts/nft.ts';
import { missing, type Reading, type Result, read } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import { joinSave } from '#formats/nft-join.ts';
import { readNftJson } from '#formats/nft-json/read-nft-json.ts';
import { maxListingLength } from '#formats/nft-listing/size.ts';
import { readNftText } from '#formats/nft-text/read-nft-text.ts';
import { locate } from './bundle-names.ts';
import type { Parts } from './parts.ts';
import { readDump, readingOf } from './rules-part.ts';
import { textOf } from './text.ts';

/** What nft listed, as JSON or else as text, with the extensions of iptables from the dumps of iptables-nft-save beside it. */
export function readNftListing(parts: Parts): Reading<NftRuleset> {
  const json = locate(parts.files, 'nft -j');
  const path = json ?? locate(parts.files, 'nft');
  if (path === null) return parts.lacks('netfilter/nft-ruleset.json');
  // Before it is in memory: a listing that is too large is refused by its size.
  const size = parts.files.size(path);
  if (size > maxListingLength) return missing(path, `it has ${size} bytes, more than the ${maxListingLength} that are read`);
  const listing: Result<NftRuleset> =
    json === null ? readNftText(textOf(parts.files, path), path) : readNftJson(textOf(parts.files, path), path);
  if (!listing.ok) return readingOf(listing, path);
  return read(joinSave(listing.value, { ip: dumpOf(parts, 'ip'), ip6: dumpOf(parts, 'ip6') }), path);
}

function dumpOf(parts: Parts, family: 'ip' | 'ip6'): Ruleset | undefined {
  const dump = readDump(parts, { backend: 'nft', family });
  return dump?.kind === 'read' ? dump.value : undefined;
}
