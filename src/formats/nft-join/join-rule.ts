import type { Family } from '#facts/address.ts';
import type { NftExpression, NftRule } from '#facts/nft.ts';
import type { Rule, Target } from '#facts/rule.ts';
import { matchesOf, targetOf } from '../iptables-save/decode-rule.ts';
import { type Segment, segmentsOf } from '../iptables-save/segments.ts';
import { tokensOf } from '../iptables-save/tokens.ts';
import { compileRule } from '../nft-listing/compile-rule.ts';
import type { RuleScope } from '../nft-listing/rule-state.ts';
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
export function joinRule(listed: NftRule, saved: SavedRule): { readonly rule: NftRule } | { readonly disagrees: string } {
  const tokens = tokensOf(saved.rule.text);
  const segments = tokens === null ? null : segmentsOf(tokens);
  if (segments === null || 'because' in segments) return { disagrees: 'the dump cannot be read' };
  const targets = segments.filter(({ kind }) => kind === 'jump' || kind === 'goto');
  if (targets.length > 1) return { disagrees: 'two targets' };
  const matches = segments.filter(({ kind }) => kind === 'match');
  const base = segments.filter(({ kind }) => kind === 'base');
  const filled = fill(listed.expressions, { matches, target: targets[0] ?? null }, saved);
  if ('disagrees' in filled) return filled;
  const native = disagreementOfNative(listed, [...base, ...filled.rest], saved.family);
  if (native !== null) return { disagrees: native };
  return { rule: { ...listed, expressions: filled.expressions, text: saved.rule.text, comment: listed.comment ?? commentOf(saved.rule) } };
}

function commentOf({ matches }: Rule): string | null {
  return matches.find((match) => match.kind === 'comment')?.text ?? null;
}

interface Words {
  readonly matches: readonly Segment[];
  readonly target: Segment | null;
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

function isVerdict(expression: NftExpression): expression is Extract<NftExpression, { kind: 'verdict' }> {
  return expression.kind === 'verdict';
}

/** `-j NFLOG` is a native `log`. */
function isLogged(target: Segment, expressions: readonly NftExpression[]): boolean {
  return (target.name === 'NFLOG' || target.name === 'LOG') && expressions.some(({ kind }) => kind === 'log');
}

function agrees({ verdict }: Extract<NftExpression, { kind: 'verdict' }>, target: Segment | null, saved: SavedRule): boolean {
  if (target === null) return verdict.kind === 'continue';
  const found: Target = targetOf(target, saved.family, saved.isChain);
  if (found.kind === 'jump' || found.kind === 'goto') return verdict.kind === found.kind && verdict.chain === found.chain;
  return found.kind === verdict.kind;
}

function filledMatch(segment: Segment, family: Family): NftExpression {
  const info = new Uint8Array(0);
  return { kind: 'xt-match', name: segment.name, revision: 0, info, text: segment.text, matches: matchesOf(segment, family) };
}

function filledTarget(segment: Segment, { family, isChain }: SavedRule): NftExpression {
  const info = new Uint8Array(0);
  return { kind: 'xt-target', name: segment.name, revision: 0, info, text: segment.text, target: targetOf(segment, family, isChain) };
}

/** Rules of iptables have no sets. */
function scopeOf(family: Family): RuleScope {
  return { family, set: () => null, addSet: () => '' };
}

/** Compares what the dump says without extensions with the listed expressions; each must ask the same. */
function disagreementOfNative(listed: NftRule, segments: readonly Segment[], family: Family): string | null {
  const statements: unknown[] = [];
  let limits = 0;
  for (const segment of segments) {
    if (segment.name === 'limit') limits++;
    else {
      for (const match of matchesOf(segment, family)) {
        const statement = nativeStatement(match);
        if (statement === undefined) return `'${segment.text}', which is not listed`;
        if (statement !== null) statements.push(statement);
      }
    }
  }
  if (listed.expressions.filter(({ kind }) => kind === 'limit').length !== limits) return 'the limit';
  const saved = compileRule(statements, scopeOf(family));
  const inListing = blocksOf(listed.expressions, family);
  const inDump = blocksOf(saved, family);
  if ([...inListing].some((block) => !inDump.has(block))) return 'a condition that the dump does not have';
  return [...inDump].some((block) => !inListing.has(block)) ? 'a condition that is not listed' : null;
}
