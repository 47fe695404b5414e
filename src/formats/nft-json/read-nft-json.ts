import type { NftRuleset } from '#facts/nft.ts';
import { failed, ok, type Problem, type Result } from '#facts/result.ts';
import { isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from '../json-fields.ts';
import { jumpsIn } from '../nft-listing/jumps.ts';
import type { ReadRule, RuleReader } from '../nft-listing/listed-chain.ts';
import { Listing } from '../nft-listing/listing.ts';
import { renderRule } from '../nft-listing/render/index.ts';
import { maxListingLength } from '../nft-listing/size.ts';
import { shown } from '../shown.ts';
import { eachElement, type ListedElement } from './elements.ts';

/** Rules of nft stand about ten deep; deeper ones are no rules. */
const maxDepth = 64;

/**
 * `nft -j list ruleset` of nft 0.9.1 to 1.1, compiled to the expressions that the kernel runs. What JSON hides is made unmodelled: parameters of xt
 * extensions (see nft-join.ts), `!=` on fields side by side (see merged-inequalities.ts), what nft prints as plain text. The text is kept, and
 * rules are compiled when their chain is first looked at.
 */
export function readNftJson(text: string, source: string): Result<NftRuleset> {
  if (text.length > maxListingLength) {
    const found = `${Math.ceil(text.length / 1024 / 1024)} MiB`;
    return failed({ code: 'nft-listing-too-large', source, found, expected: `at most ${maxListingLength / 1024 / 1024} MiB` });
  }
  const listing = new Listing(readerOf(text));
  const read = eachElement(text, source, (element) => addElement(listing, element, { text, source }));
  return read.ok ? ok(listing.finish(source, 'json')) : read;
}

function addElement(listing: Listing, element: ListedElement, { text, source }: { text: string; source: string }): Problem | null {
  const part = text.slice(element.start, element.end);
  const value = parsed(part);
  if (value === null) return { code: 'nft-json-unreadable', source, line: element.line, found: shown(part), expected: 'JSON' };
  const { table, chain, set, map, rule, flowtable } = value;
  if (isObject(table)) listing.addTable(table, element.line);
  else if (isObject(chain)) listing.addChain(chain, element.line);
  else if (isObject(set)) listing.addSet(set, element);
  else if (isObject(map)) listing.addSet(map, element);
  else if (isObject(flowtable)) listing.addFlowtable(flowtable);
  else if (isObject(rule)) listing.addRule(rule, jumpsIn(rule['expr']), { ...element, handle: numberOf(rule['handle']) ?? 0 });
  return null;
}

function parsed(part: string): JsonObject | null {
  try {
    return objectOf(JSON.parse(part));
  } catch {
    return null;
  }
}

function readerOf(text: string): RuleReader {
  return {
    rule: (start, end) => readRule(objectOf(parsed(text.slice(start, end))?.['rule']), text.slice(start, end)),
    elements: (start, end) => {
      const { set, map } = parsed(text.slice(start, end)) ?? {};
      return listOf(objectOf(set ?? map)['elem']);
    },
  };
}

function readRule(rule: JsonObject, part: string): ReadRule {
  const comment = textOf(rule['comment']);
  if (depthOf(part) > maxDepth)
    return { statements: [], comment, text: shown(part), problem: `its JSON is more than ${maxDepth} levels deep` };
  const statements = rule['expr'];
  if (!Array.isArray(statements)) return { statements: [], comment, text: shown(part), problem: 'its JSON has no list of expressions' };
  return { statements, comment, text: renderRule(statements, comment), problem: null };
}

/** At most; brackets in strings count too. */
function depthOf(part: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of part) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}
