import type { NftRule } from '#facts/nft.ts';
import type { RuleKey } from '../chain-index.ts';
import type { NftContext } from './context.ts';

/** What the rule wants of the packet before anything that asks, writes or drops; for the chain's index. */
export function keysOf(_rule: NftRule, _context: NftContext): readonly RuleKey[] {
  return [];
}
