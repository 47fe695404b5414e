import type { NftRule } from '#facts/nft.ts';
import { xtFamily } from '../expressions/decoder.ts';
import { textOf } from '../iptables/parts.ts';
import { asIptablesRule } from '../iptables/recognize.ts';
import { isTableOfIptables } from '../iptables/standard.ts';
import { type Listing, Printer } from './printer.ts';

/** A rule as `nft` would list it, near enough for a person: names of types that only userspace knows may be missing. */
export function printNftRule(rule: Pick<NftRule, 'expressions' | 'comment'>, listing: Listing): string {
  const printer = new Printer(listing);
  for (const expression of rule.expressions) printer.add(expression);
  return rule.comment === null ? printer.text : `${printer.text} comment "${rule.comment}"`;
}

/** Rules of iptables-nft in iptables' words, all others in nft's. */
export function ruleText(rule: Pick<NftRule, 'expressions' | 'comment'>, listing: Listing & { readonly table: string }): string {
  const family = xtFamily(listing.family);
  const native = family === null || !isTableOfIptables(listing.family, listing.table);
  const found = native ? null : asIptablesRule(rule, { family, littleEndian: listing.littleEndian });
  return found === null ? printNftRule(rule, listing) : textOf(found);
}
