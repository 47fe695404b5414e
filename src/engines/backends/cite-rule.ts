import type { Evidence } from '#facts/evidence.ts';
import { type Chain, type Rule, type Ruleset, ruleCommand } from '#facts/rule.ts';

/** A rule's line as the dump has it, with its counters where the dump was made with `-c`. */
export function citeRule(ruleset: Ruleset, chain: Chain, rule: Rule, says: string): Evidence {
  const counters = rule.packets === null ? '' : `[${rule.packets}:${rule.bytes}] `;
  return { source: ruleset.source, line: rule.line, text: `${counters}${ruleCommand(chain.name, rule)}`.trimEnd(), says };
}

/** A chain's declaration as the dump has it. */
export function citeChain(ruleset: Ruleset, chain: Chain, says: string): Evidence {
  const counters = chain.packets === null ? '' : ` [${chain.packets}:${chain.bytes}]`;
  return { source: ruleset.source, line: chain.line, text: `:${chain.name} ${chain.policy ?? '-'}${counters}`, says };
}
