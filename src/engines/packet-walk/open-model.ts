import type { RuleSelector } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { Hooks } from './hooks.ts';
import type { Model } from './model.ts';
import type { BackendOrder } from './orders.ts';
import { Routing } from './routing.ts';
import { SetIndex } from './sets/set-index.ts';
import { Bridges } from './way/bridges.ts';
import { Settings } from './way/settings.ts';

export interface WalkerOptions {
  /** Rules to leave out, as if they had been removed; chain policies stay. */
  readonly without?: readonly RuleSelector[];
  /** Known from elsewhere, a traced packet for example; where it is not, both orders are walked. */
  readonly order?: BackendOrder;
  /** Decisions learn what rules do once so many packets have come to them. */
  readonly learnsAfter?: number;
}

/** Rules that fewer packets come to are run one by one. */
const worthLearning = 8;
/** What decisions learn is bounded. */
const maxSegmentNodes = 1_000_000;

export function openModel(snapshot: Snapshot, options: WalkerOptions = {}): Model {
  const without = options.without ?? [];
  return {
    snapshot,
    hooks: new Hooks(snapshot, without, options.order ?? null),
    routing: new Routing(snapshot),
    settings: new Settings(snapshot),
    bridges: new Bridges(snapshot),
    setIndex: new SetIndex(snapshot.ipsets),
    without,
    segments: { left: maxSegmentNodes, after: options.learnsAfter ?? worthLearning, trees: new Map() },
  };
}
