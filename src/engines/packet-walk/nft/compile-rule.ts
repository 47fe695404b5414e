import type { NftRule } from '#facts/nft.ts';
import type { Op } from '../op.ts';
import { verdictOp } from '../xt/target.ts';
import type { NftContext } from './context.ts';

/** The expressions of a rule as operations, in order. */
export function compileRule(rule: NftRule, _context: NftContext): readonly Op[] {
  return rule.expressions.length === 0 ? [] : [verdictOp({ kind: 'undecided', because: 'native nftables rules are not modelled' })];
}
