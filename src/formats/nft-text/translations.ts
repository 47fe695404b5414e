import { isObject, objectsOf } from '../json-fields.ts';
import { isWrittenByIptables } from '../nft-json/expressions.ts';
import type { ReadRule } from '../nft-listing/listed-chain.ts';

export const translationReason = "nft's text may show an extension of iptables here in words of nft, which say less";

/**
 * A rule of a table of iptables. What iptables-nft writes without extensions reads the same in any case; with anything else, a rule that counts as
 * iptables' rules do may be a translation: `--ctstate INVALID,DNAT` becomes `ct status dnat`.
 */
export function translatedRule(rule: ReadRule): ReadRule {
  const statements = objectsOf(rule.statements);
  const counts = statements.some((statement) => isObject(statement['counter']));
  const explicit = statements.map(withOperator);
  if (rule.problem !== null || !counts || isWrittenByIptables(explicit)) return rule;
  return { ...rule, problem: translationReason };
}

/** Text has no `==`. */
function withOperator(statement: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { match } = statement;
  return isObject(match) && match['op'] === 'implicit' ? { match: { ...match, op: '==' } } : statement;
}
