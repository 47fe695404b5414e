import type { PacketWalk, Probe, RuleSelector } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';

export interface Walker {
  walk(probe: Probe): PacketWalk;
}

export function openWalker(_snapshot: Snapshot, _options?: { readonly without?: readonly RuleSelector[] }): Walker {
  throw new Error('not built yet');
}
