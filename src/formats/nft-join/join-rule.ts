import type { Family } from '#facts/address.ts';
import type { NftExpression, NftRule } from '#facts/nft.ts';
import type { Rule, Target } from '#facts/rule.ts';
import { matchesOf, targetOf } from '../iptables-save/decode-rule.ts';
import { type Segment, segmentsOf } from '../iptables-save/segments.ts';
import { tokensOf } from '../iptables-save/tokens.ts';
import { compileRule } from '../nft-listing/compile-rule.ts';
import { blocksOf } from './blocks.ts';
import { nativeStatement } from './native-statements.ts';
import { opaqueOf } from './opaque.ts';

/** A rule of iptables-nft-save at the place of a listed rule. */
export interface SavedRule {
  readonly rule: Rule;
  readonly family: Family;
  readonly isChain: (name: string) => boolean;
}

/** The rule with its extensions from the dump, or what the two disagree about. */
export function joinRule(listed: NftRule, saved: SavedRule): Joined {
  const words = wordsOf(saved.rule);
  if ('disagrees' in words) return words;
  const filled = fill(listed.expressions, words, saved);
  if ('disagrees' in filled) return filled;
  const native = disagreementOfNative(listed, [...words.base, ...filled.rest], saved.family);
  if (native !== null) return { disagrees: native };
  return { rule: withDump(listed, filled.expressions, saved.rule) };
}

export type Joined = { readonly rule: NftRule } | { readonly disagrees: string };

/** A rule whose expressions come from the dump has its words, too. */
export function withDump(listed: NftRule, expressions: readonly NftExpression[], { text, matches }: Rule): NftRule {
  const comment = matches.find((match) => match.kind === 'comment')?.text ?? null;
  return { ...listed, expressions, text, comment: listed.comment ?? comment };
}

export interface Words {
  readonly base: readonly Segment[];
  readonly matches: readonly Segment[];
  readonly target: Segment | null;
}

/** Far more than a rule has: what follows compares each with each. */
const maxModules = 1000;

/** A line of the dump, module by module. */
export function wordsOf({ text }: Rule): Words | { readonly disagrees: string } {
  const tokens = tokensOf(text);
  const segments = tokens === null ? null : segmentsOf(tokens);
  if (segments === null || 'because' in segments) return { disagrees: 'the dump cannot be read' };
  if (segments.length > maxModules) return { disagrees: `more than ${maxModules} modules` };
  const targets = segments.filter(({ kind }) => kind === 'jump' || kind === 'goto');
  if (targets.length > 1) return { disagrees: 'two targets' };
  const of = (wanted: Segment['kind']): readonly Segment[] => segments.filter(({ kind }) => kind === wanted);
  return { base: of('base'), matches: of('match'), target: targets[0] ?? null };
}

type Filled = { readonly expressions: readonly NftExpression[]; readonly rest: readonly Segment[] } | { readonly disagrees: string };

/** iptables-save prints these kernel extensions under another name too (`state` is conntrack, `NOTRACK` is CT). */
const printedAs: Readonly<Record<string, string>> = { state: 'conntrack', NOTRACK: 'CT' };

function isNamed({ name }: Segment, kernelName: string): boolean {
  return name === kernelName || (Object.hasOwn(printedAs, name) && printedAs[name] === kernelName);
}

/** Puts each extension of the dump where the listing names it; `rest` are the modules that the listing shows as native expressions. */
function fill(expressions: readonly NftExpression[], { matches, target }: Words, saved: SavedRule): Filled {
  const rest = [...matches];
  const out: NftExpression[] = [];
  let targetFound = false;
  for (const expression of expressions) {
    const opaque = opaqueOf(expression);
    if (opaque === null) {
      if (isVerdict(expression)) {
        if (!agrees(expression, target, saved)) return { disagrees: `the target: '${target?.text ?? 'none'}' in the dump` };
        targetFound = true;
      }
      out.push(expression);
    } else if (opaque.type === 'match') {
      const at = rest.findIndex((segment) => isNamed(segment, opaque.name));
      const [segment] = at < 0 ? [] : rest.splice(at, 1);
      if (segment === undefined) return { disagrees: `match ${opaque.name}, which the dump does not have` };
      out.push(filledMatch(segment, saved.family));
    } else {
      if (target === null || !isNamed(target, opaque.name))
        return { disagrees: `target ${opaque.name}, '${target?.text ?? 'none'}' in the dump` };
      targetFound = true;
      out.push(filledTarget(target, saved));
    }
  }
  const silent = target === null || targetFound || isLogged(target, expressions);
  return silent ? { expressions: out, rest } : { disagrees: `the target '${target?.text ?? ''}', which is not listed` };
}

export function isVerdict(expression: NftExpression): expression is Extract<NftExpression, { kind: 'verdict' }> {
  return expression.kind === 'verdict';
}

/** `-j NFLOG` is a native `log`. */
function isLogged(target: Segment, expressions: readonly NftExpression[]): boolean {
  return (target.name === 'NFLOG' || target.name === 'LOG') && expressions.some(({ kind }) => kind === 'log');
}

export function agrees({ verdict }: Extract<NftExpression, { kind: 'verdict' }>, target: Segment | null, saved: SavedRule): boolean {
  if (target === null) return verdict.kind === 'continue';
  const found: Target = targetOf(target, saved.family, saved.isChain);
  if (found.kind === 'jump' || found.kind === 'goto') return verdict.kind === found.kind && verdict.chain === found.chain;
  return found.kind === verdict.kind;
}

export function filledMatch(segment: Segment, family: Family): NftExpression {
  const info = new Uint8Array(0);
  return { kind: 'xt-match', name: segment.name, revision: 0, info, text: segment.text, matches: matchesOf(segment, family) };
}

export function filledTarget(segment: Segment, { family, isChain }: SavedRule): NftExpression {
  const info = new Uint8Array(0);
  return { kind: 'xt-target', name: segment.name, revision: 0, info, text: segment.text, target: targetOf(segment, family, isChain) };
}

/** Compares what the dump says without extensions with the listed expressions; each must ask the same. */
function disagreementOfNative(listed: NftRule, segments: readonly Segment[], family: Family): string | null {
  const limits = segments.filter(({ name }) => name === 'limit').length;
  if (listed.expressions.filter(({ kind }) => kind === 'limit').length !== limits) return 'the limit';
  const native = nativeExpressions(
    segments.filter(({ name }) => name !== 'limit'),
    family,
  );
  if ('disagrees' in native) return native.disagrees;
  const inListing = blocksOf(listed.expressions, family);
  const inDump = blocksOf(native.expressions, family);
  if ([...inListing].some((block) => !inDump.has(block))) return 'a condition that the dump does not have';
  return [...inDump].some((block) => !inListing.has(block)) ? 'a condition that is not listed' : null;
}

/** What iptables-nft makes of words for which it needs no extension. Rules of iptables have no sets. */
export function nativeExpressions(
  segments: readonly Segment[],
  family: Family,
): { readonly expressions: readonly NftExpression[] } | { readonly disagrees: string } {
  const statements: unknown[] = [];
  for (const segment of segments) {
    for (const match of matchesOf(segment, family)) {
      const statement = nativeStatement(match);
      if (statement === undefined) return { disagrees: `'${segment.text}', which is not listed` };
      if (statement !== null) statements.push(statement);
    }
  }
  return { expressions: compileRule(statements, { family, set: () => null, addSet: () => '' }) };
}
