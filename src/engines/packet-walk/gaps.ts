import type { Undecidable } from '#facts/packet-walk.ts';
import type { WalkChain, WalkRule } from './chain.ts';

/** What cannot be decided at a rule. */
export function gapAt({ name, table }: WalkChain, rule: WalkRule | null, because: string): Undecidable {
  return { backend: table.backend, table: table.name, chain: name, rule: rule?.index ?? null, because };
}
