import type { RuleSelector } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { Hooks } from './hooks.ts';
import type { Routing } from './routing.ts';
import type { SetIndex } from './sets/set-index.ts';
import type { Bridges } from './way/bridges.ts';
import type { Settings } from './way/settings.ts';

/** What every walk over one snapshot shares, indexed. */
export interface Model {
  readonly snapshot: Snapshot;
  readonly hooks: Hooks;
  readonly routing: Routing;
  readonly settings: Settings;
  readonly bridges: Bridges;
  readonly setIndex: SetIndex;
  readonly without: readonly RuleSelector[];
  /** How much more may be kept of what decisions learn about runs of rules, in nodes of trees, and after how many packets they do. */
  readonly segments: { left: number; readonly after: number };
}
