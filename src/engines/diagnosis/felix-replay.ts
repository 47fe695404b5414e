import {
  type ProbeCommand,
  type ProbeOutcome,
  type ProbeOutcomes,
  probeCommands,
  replayChoice,
  withFailing,
} from '#engines/backends/index.ts';
import type { BackendReplay } from '#facts/ownership.ts';
import type { Backend } from '#facts/rule.ts';
import { calicoIn } from './felix-backend.ts';
import type { Observations } from './observations.ts';

/** Whose rules of one backend a replay may count. */
export type Kept = 'all' | 'own' | 'foreign';

/** What Felix's detection would choose from the rules that are there now, every probe working. Null: its version is not known. */
export function replayNow(seen: Observations, backend: Backend, kept: Kept): BackendReplay | null {
  return replay(seen, only(seen, backend, kept));
}

/** The same detection, where no probe command can be run. */
export function replayFailing(seen: Observations): BackendReplay | null {
  return replay(seen, withFailing(seen.outcomes, probeCommands));
}

function replay({ snapshot }: Observations, outcomes: ProbeOutcomes): BackendReplay | null {
  const version = snapshot.versions.get('calico');
  return version === undefined ? null : replayChoice({ component: 'felix', version, configured: 'auto', outcomes });
}

function only(seen: Observations, backend: Backend, kept: Kept): ProbeOutcomes {
  if (kept === 'all') return seen.outcomes;
  const commands: Record<ProbeCommand, ProbeOutcome | null> = { ...seen.outcomes.commands };
  for (const family of ['ip', 'ip6'] as const) {
    const name: ProbeCommand = `${family === 'ip' ? 'iptables' : 'ip6tables'}-${backend}-save`;
    const outcome = commands[name];
    if (outcome === null) continue;
    const own = calicoIn(seen, backend)
      .filter((owned) => owned.family === family)
      .reduce((sum, { rules }) => sum + rules, 0);
    commands[name] = kept === 'own' ? { ...outcome, rules: own, kubeHint: false } : { ...outcome, rules: Math.max(0, outcome.rules - own) };
  }
  return { ...seen.outcomes, commands };
}
