/** The four commands that every detection is built from. */
export const probeCommands = ['iptables-legacy-save', 'ip6tables-legacy-save', 'iptables-nft-save', 'ip6tables-nft-save'] as const;
export type ProbeCommand = (typeof probeCommands)[number];

/** One probe command's outcome, as a component would see it. */
export interface ProbeOutcome {
  /** False: the command failed. Its output counts as empty, whatever the other fields say. */
  readonly ok: boolean;
  /** Output lines that start with `-`, all tables. */
  readonly rules: number;
  /** KUBE-IPTABLES-HINT or KUBE-KUBELET-CANARY occurs in the output of `-t mangle`. */
  readonly kubeHint: boolean;
  /** False: only the look at mangle failed, the count worked. */
  readonly hintOk: boolean;
  /** The same chains in any table, which iptables-wrappers looks at in legacy. Left out: as `kubeHint`. */
  readonly kubeHintAnywhere?: boolean;
}

/** Null: unknown. It is never taken for a failure: a failed command is a fact (`ok: false`). */
export interface ProbeOutcomes {
  readonly commands: Readonly<Record<ProbeCommand, ProbeOutcome | null>>;
  /** Whether /proc/net/ip_tables_names (ip6_tables_names) is there. */
  readonly legacyTables: { readonly ip: boolean | null; readonly ip6: boolean | null };
}

/** Probe outcomes with nothing unknown. */
export interface KnownOutcomes {
  readonly commands: Readonly<Record<ProbeCommand, ProbeOutcome>>;
  readonly legacyTables: { readonly ip: boolean; readonly ip6: boolean };
}

export const failedProbe: ProbeOutcome = { ok: false, rules: 0, kubeHint: false, hintOk: false };

/** A node of which nothing is known. */
export const unknownProbes: ProbeOutcomes = {
  commands: { 'iptables-legacy-save': null, 'ip6tables-legacy-save': null, 'iptables-nft-save': null, 'ip6tables-nft-save': null },
  legacyTables: { ip: null, ip6: null },
};

/** The same node, where the named commands fail (EAGAIN, missing binary, no permission: no component tells these apart). */
export function withFailing(outcomes: ProbeOutcomes, failing: readonly ProbeCommand[]): ProbeOutcomes {
  const commands = { ...outcomes.commands };
  for (const command of failing) commands[command] = failedProbe;
  return { ...outcomes, commands };
}

/**
 * Every extreme that the unknown outcomes could take. The detections only compare sums, so that a decision that is the
 * same in all of these is the same whatever the unknown commands would print.
 */
export function completions(outcomes: ProbeOutcomes): readonly KnownOutcomes[] {
  let found: readonly KnownOutcomes['commands'][] = [{} as KnownOutcomes['commands']];
  for (const command of probeCommands) {
    const known = outcomes.commands[command];
    const choices = known === null ? extremes : [known];
    found = found.flatMap((commands) => choices.map((choice) => ({ ...commands, [command]: choice })));
  }
  return found.flatMap((commands) => tableChoices(outcomes, commands).map((legacyTables) => ({ commands, legacyTables })));
}

const extremes: readonly ProbeOutcome[] = [
  { ok: true, rules: 0, kubeHint: false, hintOk: true },
  { ok: true, rules: Number.POSITIVE_INFINITY, kubeHint: false, hintOk: true },
  { ok: true, rules: Number.POSITIVE_INFINITY, kubeHint: true, hintOk: true },
];

function tableChoices(outcomes: ProbeOutcomes, commands: KnownOutcomes['commands']): readonly KnownOutcomes['legacyTables'][] {
  const ip = tablesThere(outcomes.legacyTables.ip, commands['iptables-legacy-save']);
  const ip6 = tablesThere(outcomes.legacyTables.ip6, commands['ip6tables-legacy-save']);
  return ip.flatMap((v4) => ip6.map((v6) => ({ ip: v4, ip6: v6 })));
}

/** A legacy dump that printed rules or chains proves that the tables were there. */
function tablesThere(known: boolean | null, legacy: ProbeOutcome): readonly boolean[] {
  if (known !== null) return [known];
  return legacy.ok && (legacy.rules > 0 || legacy.kubeHint) ? [true] : [true, false];
}
