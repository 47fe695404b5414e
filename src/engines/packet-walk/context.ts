import type { IpSet } from '#facts/ipset.ts';
import type { RulePlace, RuleSelector, Undecidable, WalkStep } from '#facts/packet-walk.ts';
import type { Reading } from '#facts/result.ts';
import type { Hook, Rule } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { Choices } from './choices.ts';
import type { BaseChain, Hooks } from './hooks.ts';
import type { Routing } from './routing.ts';
import type { RuleIndex } from './rule-index.ts';
import type { SetIndex } from './set-index.ts';

/** What every run of a walk shares: the snapshot, indexed. */
export interface Model {
  readonly snapshot: Snapshot;
  readonly hooks: Hooks;
  readonly routing: Routing;
  readonly sets: Reading<ReadonlyMap<string, IpSet>>;
  readonly setIndex: SetIndex;
  readonly ruleIndex: RuleIndex;
  readonly without: readonly RuleSelector[];
}

/** One run: its answers to open questions, and what it wrote down. */
export interface Run {
  readonly model: Model;
  readonly choices: Choices;
  readonly steps: WalkStep[];
  /** Native nftables chains or unreadable tables on the way: whatever was accepted is undecided. */
  readonly gaps: Undecidable[];
  blame: (RulePlace & { readonly leg: 'request' | 'reply' }) | null;
}

/** Where a rule is being looked at. */
export interface At {
  readonly base: BaseChain;
  readonly hook: Hook;
  readonly chain: string;
  readonly rule: Rule;
}

export function gapAt({ base, chain, rule }: At, because: string): Undecidable {
  return { backend: base.backend, table: base.table, chain, rule: rule.index, because };
}

/** How a base chain, or all chains of a hook, ended. */
export type ChainEnd = 'accept' | 'drop' | 'reject' | 'undecided';
