import type { PacketWalk, Probe, RuleSelector, WalkLeg } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { combine, combineRequest } from './combine.ts';
import { explore } from './explore.ts';
import { Hooks } from './hooks.ts';
import type { Model } from './model.ts';
import type { BackendOrder } from './orders.ts';
import { Routing } from './routing.ts';
import { SetIndex } from './sets/set-index.ts';
import { Bridges } from './way/bridges.ts';
import { Settings } from './way/settings.ts';

/** Answers what the kernel would do to a connection, from one snapshot. */
export interface Walker {
  /** The connection, request and reply, with every step. */
  walk(probe: Probe): PacketWalk;
  /** What becomes of one packet, the request: all its outcomes, without the steps to them. */
  decide(probe: Probe): WalkLeg;
}

export interface WalkerOptions {
  /** Rules to leave out, as if they had been removed; chain policies stay. */
  readonly without?: readonly RuleSelector[];
  /** Known from elsewhere, a traced packet for example; where it is not, both orders are walked. */
  readonly order?: BackendOrder;
}

/** Indexes a snapshot for walks. */
export function openWalker(snapshot: Snapshot, options: WalkerOptions = {}): Walker {
  const without = options.without ?? [];
  const model: Model = {
    snapshot,
    hooks: new Hooks(snapshot, without, options.order ?? null),
    routing: new Routing(snapshot),
    settings: new Settings(snapshot),
    bridges: new Bridges(snapshot),
    setIndex: new SetIndex(snapshot.ipsets),
    without,
  };
  return {
    walk: (probe) => combine(explore(model, probe, true)),
    decide: (probe) => combineRequest(explore(model, probe, false)),
  };
}
