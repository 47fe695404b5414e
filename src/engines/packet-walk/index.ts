import type { PacketWalk, Probe, RuleSelector, WalkLeg } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { combine, combineRequest } from './combine.ts';
import { explore } from './explore.ts';
import { Hooks } from './hooks.ts';
import type { Model } from './model.ts';
import { Routing } from './routing.ts';
import { SetIndex } from './set-index.ts';
import { Settings } from './way/settings.ts';

/** Answers what the kernel would do to a connection, from one snapshot. */
export interface Walker {
  /** The connection, request and reply, with every step. */
  walk(probe: Probe): PacketWalk;
  /** What becomes of one packet, the request: all its outcomes, without the steps to them. */
  decide(probe: Probe): WalkLeg;
}

/**
 * Indexes a snapshot for walks. `without` leaves rules out, as if they had been removed; chain policies stay.
 */
export function openWalker(snapshot: Snapshot, options: { readonly without?: readonly RuleSelector[] } = {}): Walker {
  const without = options.without ?? [];
  const model: Model = {
    snapshot,
    hooks: new Hooks(snapshot, without),
    routing: new Routing(snapshot),
    settings: new Settings(snapshot),
    sets: snapshot.ipsets,
    setIndex: new SetIndex(),
    without,
  };
  return {
    walk: (probe) => combine(explore(model, probe, true)),
    decide: (probe) => combineRequest(explore(model, probe, false)),
  };
}
