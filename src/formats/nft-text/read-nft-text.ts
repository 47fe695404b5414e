import type { NftRuleset } from '#facts/nft.ts';
import { failed, ok, type Problem, type Result } from '#facts/result.ts';
import { listOf } from '../json-fields.ts';
import type { RuleReader } from '../nft-listing/listed-chain.ts';
import { Listing } from '../nft-listing/listing.ts';
import { NotCompiled } from '../nft-listing/not-compiled.ts';
import { maxListingLength } from '../nft-listing/size.ts';
import { BlockReader } from './block-reader.ts';
import { parseRule } from './rule.ts';
import { parseSetDeclaration } from './set-declaration.ts';
import { parseStatement } from './statements.ts';
import { translatedRule } from './translations.ts';
import { Words } from './words.ts';

/**
 * `nft [-a] [-n] [-s] list ruleset`, of nft 0.8 to 1.1: parsed to what `nft -j` would show, and compiled as that is. A rule with syntax that is not
 * known is undecided; a listing that ends in the middle is a Problem. Where nft was built with iptables' extensions it translates them with losses:
 * rules of iptables' own tables that may be such translations are undecided (see translations.ts and nft-join.ts).
 */
export function readNftText(text: string, source: string): Result<NftRuleset> {
  if (text.length > maxListingLength) {
    const found = `${Math.ceil(text.length / 1024 / 1024)} MiB`;
    return failed({ code: 'nft-listing-too-large', source, found, expected: `at most ${maxListingLength / 1024 / 1024} MiB` });
  }
  const blocks = new BlockReader(text, source);
  const listing = new Listing(readerOf(text, (start) => blocks.mayBeTranslated(start)));
  const problem: Problem | null = blocks.read(listing, (span) => declarationAt(text, span));
  return problem === null ? ok(listing.finish(source, 'text')) : failed(problem);
}

/** A declaration that cannot be read leaves a set whose keys nobody knows. */
function declarationAt(text: string, span: { readonly start: number; readonly end: number }): Readonly<Record<string, unknown>> {
  try {
    return parseSetDeclaration(new Words(text, span, parseStatement));
  } catch (error) {
    if (error instanceof NotCompiled) return {};
    throw error;
  }
}

function readerOf(text: string, mayBeTranslated: (start: number) => boolean): RuleReader {
  return {
    rule: (start, end) => {
      const rule = parseRule(text, { start, end });
      return mayBeTranslated(start) ? translatedRule(rule) : rule;
    },
    elements: (start, end) => listOf(declarationAt(text, { start, end })['elem']).filter((element) => element !== undefined),
  };
}
