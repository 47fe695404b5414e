import type { Family } from '#facts/address.ts';
import type { Reading } from '#facts/result.ts';
import type { Backend, Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { ProbeCommand } from './probe-outcomes.ts';

export interface Dump {
  readonly backend: Backend;
  readonly family: Family;
  readonly command: ProbeCommand;
  readonly reading: Reading<Ruleset>;
}

/** The four dumps of a snapshot in one fixed order. */
export function dumpsOf({ rulesets }: Snapshot): readonly Dump[] {
  return [
    { backend: 'legacy', family: 'ip', command: 'iptables-legacy-save', reading: rulesets.legacy.ip },
    { backend: 'legacy', family: 'ip6', command: 'ip6tables-legacy-save', reading: rulesets.legacy.ip6 },
    { backend: 'nft', family: 'ip', command: 'iptables-nft-save', reading: rulesets.nft.ip },
    { backend: 'nft', family: 'ip6', command: 'ip6tables-nft-save', reading: rulesets.nft.ip6 },
  ];
}
