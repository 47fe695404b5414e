import type { PacketWalk, Probe, WalkLeg } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { combine, combineRequest } from './combine.ts';
import { explore } from './explore.ts';
import type { Model } from './model.ts';
import { openModel, type WalkerOptions } from './open-model.ts';

export type { WalkerOptions } from './open-model.ts';

/** Answers what the kernel would do to a connection, from one snapshot. */
export interface Walker {
  /** The connection, request and reply, with every step. */
  walk(probe: Probe): PacketWalk;
  /** What becomes of one packet, the request: all its outcomes, without the steps to them. */
  decide(probe: Probe): WalkLeg;
}

/** Indexes a snapshot for walks. */
export function openWalker(snapshot: Snapshot, options: WalkerOptions = {}): Walker {
  return walkerOf(openModel(snapshot, options));
}

export function walkerOf(model: Model): Walker {
  return {
    walk: (probe) => {
      const explored = explore(model, probe, true);
      return explored.complete ? combine(explored) : combine(explored, explore(model, probe, false));
    },
    decide: (probe) => combineRequest(explore(model, probe, false)),
  };
}
