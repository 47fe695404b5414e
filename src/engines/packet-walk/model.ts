import type { RuleSelector } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { WalkChain } from './chain.ts';
import type { Hooks } from './hooks.ts';
import type { Routing } from './routing.ts';
import type { SegmentTree } from './segments/segment-tree.ts';
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
  readonly segments: Segments;
}

/** What decisions learn about runs of rules. */
export interface Segments {
  /** How much more may be kept, in nodes of trees. */
  left: number;
  /** After how many packets they learn. */
  readonly after: number;
  /** By chain and position: what is known of packets that came to this rule, or how many they were. */
  readonly trees: Map<WalkChain, (SegmentTree | number | undefined)[]>;
}
