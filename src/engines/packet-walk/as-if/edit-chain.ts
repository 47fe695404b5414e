import type { RuleCommand } from './read-command.ts';

/** What editing needs to know of a rule, of either backend. */
export interface Editing<R> {
  /** A rule from its text, at a 1-based position. */
  readonly make: (text: string) => R | string;
  readonly same: (a: R, b: R) => boolean;
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
