import type { Family } from '#facts/address.ts';
import type { Backend, Rule } from '#facts/rule.ts';
import { decodeRule } from '#formats/iptables-save/decode-rule.ts';
import type { RuleCommand } from './read-command.ts';

type RuleParts = Pick<Rule, 'matches' | 'target'>;

/** What editing needs to know of a rule, of either backend. */
export interface Editing<R> {
  /** A rule from its text, at a 1-based position. */
  readonly make: (text: string) => R | string;
  readonly same: (a: R, b: R) => boolean;
}

/** Why a command cannot be done to a chain; null where it can. `isBase`: undefined where there is no such chain. */
export function refusal({ action, table, chain }: RuleCommand, isBase: boolean | undefined): string | null {
  if (action.kind === 'new-chain') return isBase === undefined ? null : `chain ${chain}, which is there already`;
  if (isBase === undefined) return `chain ${chain}, which table ${table} does not have`;
  return action.kind === 'policy' && !isBase ? `a policy for ${chain}, which is no base chain` : null;
}

/** A rule's parts from the words of a command, or which of them cannot be read. */
export function readRule(
  text: string,
  of: { readonly family: Family; readonly backend: Backend },
  chains: ReadonlyMap<string, unknown>,
): RuleParts | string {
  const parts = decodeRule(text, of, (name) => chains.has(name));
  const unread = [...parts.matches, parts.target].find(({ kind }) => kind === 'unmodelled');
  return unread !== undefined && 'text' in unread ? `a rule that cannot be read: ${unread.text}` : parts;
}

/** The rules of a chain after a command, or why it cannot be done. */
export function editRules<R>(rules: readonly R[], action: RuleCommand['action'], editing: Editing<R>): readonly R[] | string {
  switch (action.kind) {
    case 'append':
    case 'insert':
    case 'replace': {
      const made = editing.make(action.rule);
      if (typeof made === 'string') return made;
      const position = action.kind === 'append' ? rules.length + 1 : action.position;
      const last = action.kind === 'replace' ? rules.length : rules.length + 1;
      if (position > last) return `position ${position}, and the chain has ${rules.length} rules`;
      return rules.toSpliced(position - 1, action.kind === 'replace' ? 1 : 0, made);
    }
    case 'delete':
      if (action.position > rules.length) return `position ${action.position}, and the chain has ${rules.length} rules`;
      return rules.toSpliced(action.position - 1, 1);
    case 'delete-rule': {
      const wanted = editing.make(action.rule);
      if (typeof wanted === 'string') return wanted;
      const at = rules.findIndex((rule) => editing.same(rule, wanted));
      return at < 0 ? 'a rule that the chain does not have' : rules.toSpliced(at, 1);
    }
    case 'flush':
      return [];
    case 'new-chain':
    case 'policy':
      return rules;
    default:
      return action satisfies never;
  }
}
