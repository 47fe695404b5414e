import type { NftExpression } from '#facts/nft.ts';
import { isObject, objectOf, textOf } from '../json-fields.ts';
import { mergedInequalities } from './merged-inequalities.ts';
import { NotCompiled } from './not-compiled.ts';
import { type RuleScope, RuleState } from './rule-state.ts';
import { compileStatement } from './statements.ts';

/**
 * The expressions that the kernel has for a listed rule, statement by statement. What cannot be compiled is `unmodelled` with the reason, in its
 * place; the statements behind it are compiled all the same.
 */
export function compileRule(statements: readonly unknown[], scope: RuleScope): readonly NftExpression[] {
  const rule = new RuleState(scope);
  const merged = mergedInequalities(statements);
  if (merged !== null) rule.out.push({ kind: 'unmodelled', name: 'payload', because: merged });
  for (const statement of statements) compileInto(rule, statement);
  return rule.out;
}

function compileInto(rule: RuleState, statement: unknown): void {
  const { length } = rule.out;
  const { network, transport, icmpType } = rule;
  try {
    compileStatement(rule, statement);
  } catch (error) {
    if (!(error instanceof NotCompiled)) throw error;
    rule.out.length = length;
    Object.assign(rule, { network, transport, icmpType });
    rule.out.push({ kind: 'unmodelled', name: nameOf(statement), because: `not modelled: ${error.message}` });
  }
}

/** `match`, or what it looks at: `meta hour`. */
function nameOf(statement: unknown): string {
  if (!isObject(statement)) return 'statement';
  const [name = 'statement'] = Object.keys(statement);
  const left = objectOf(objectOf(statement['match'])['left']);
  const [subject] = Object.keys(left);
  if (name !== 'match' || subject === undefined) return name;
  return [subject, textOf(objectOf(left[subject])['key'])].filter((part) => part !== null).join(' ');
}
