import type { NftRule } from '#facts/nft.ts';
import type { TableContext } from '../table.ts';

/** For a person. */
export function ruleText(rule: NftRule, _table: TableContext): string {
  return rule.expressions.map((expression) => expression.kind).join(' ');
}
