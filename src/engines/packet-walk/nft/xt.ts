import type { NftExpression } from '#facts/nft.ts';
import type { Op } from '../op.ts';
import { matchOps } from '../xt/match.ts';
import type { RuleContext } from '../xt/rule-context.ts';
import { targetOps } from '../xt/target.ts';
import type { Place } from './told.ts';

/** nft_compat runs the xt module itself, and drops what the module wants dropped (nft_match_eval in net/netfilter/nft_compat.c). */
export function xtMatchOps(expression: Extract<NftExpression, { readonly kind: 'xt-match' }>, { context, position }: Place): readonly Op[] {
  const around: RuleContext = {
    backend: 'nft',
    family: context.family,
    text: expression.text,
    key: `${context.key}:${position}`,
    ports: 'match',
    gap: context.gap,
  };
  return matchOps(expression.matches, around);
}

export function xtTargetOps({ target }: Extract<NftExpression, { readonly kind: 'xt-target' }>): readonly Op[] {
  return targetOps(target);
}
