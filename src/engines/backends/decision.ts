import type { Backend } from '#facts/rule.ts';
import type { KnownOutcomes, ProbeCommand } from './probe-outcomes.ts';

/** What one run of a detection decides: the backend, the branch of its code by name, and the numbers that led there. */
export interface Decision {
  readonly backend: Backend;
  readonly branch: string;
  readonly numbers: string;
}

/** A component's detection as a function of its probes. */
export type Detection = (outcomes: KnownOutcomes) => Decision;

const saves: Readonly<Record<Backend, { readonly ip: ProbeCommand; readonly ip6: ProbeCommand }>> = {
  legacy: { ip: 'iptables-legacy-save', ip6: 'ip6tables-legacy-save' },
  nft: { ip: 'iptables-nft-save', ip6: 'ip6tables-nft-save' },
};

export interface RuleCount {
  readonly sum: number;
  /** `12 legacy rules (v4 10, v6 2)`; a failed command is named. */
  readonly words: string;
}

/** Rules of one backend, v4 and v6 added. A failed command counts as zero rules. */
export function countRules(outcomes: KnownOutcomes, backend: Backend): RuleCount {
  const v4 = outcomes.commands[saves[backend].ip];
  const v6 = outcomes.commands[saves[backend].ip6];
  const sum = (v4.ok ? v4.rules : 0) + (v6.ok ? v6.rules : 0);
  const side = (of: typeof v4): string => (of.ok ? String(of.rules) : 'failed');
  return { sum, words: `${sum} ${backend} rules (v4 ${side(v4)}, v6 ${side(v6)})` };
}

/** The families whose mangle table shows a Kubernetes hint chain in this backend. A failed look shows none. */
export function hintFamilies(outcomes: KnownOutcomes, backend: Backend): readonly string[] {
  const seen = (command: ProbeCommand): boolean => {
    const outcome = outcomes.commands[command];
    return outcome.ok && outcome.hintOk && outcome.kubeHint;
  };
  return [...(seen(saves[backend].ip) ? ['v4'] : []), ...(seen(saves[backend].ip6) ? ['v6'] : [])];
}

/** The same over the whole dump, all tables: iptables-wrappers never asks legacy for one table, because that would create it. */
export function hintFamiliesAnywhere(outcomes: KnownOutcomes, backend: Backend): readonly string[] {
  const seen = (command: ProbeCommand): boolean => {
    const outcome = outcomes.commands[command];
    return outcome.ok && (outcome.kubeHintAnywhere ?? (outcome.hintOk && outcome.kubeHint));
  };
  return [...(seen(saves[backend].ip) ? ['v4'] : []), ...(seen(saves[backend].ip6) ? ['v6'] : [])];
}

/** All four commands failed. */
export function allFailed(outcomes: KnownOutcomes): boolean {
  return Object.values(outcomes.commands).every((outcome) => !outcome.ok);
}
