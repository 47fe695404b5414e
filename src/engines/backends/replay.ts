import type { BackendReplay } from '#facts/ownership.ts';
import { describeProblem } from '#facts/result.ts';
import type { Backend } from '#facts/rule.ts';
import type { Decision, Detection } from './decision.ts';
import { felixEra } from './felix-detection.ts';
import { completions, type ProbeOutcomes, probeCommands } from './probe-outcomes.ts';
import { wrappersDetection } from './wrappers-detection.ts';

export interface ReplayRequest {
  readonly component: string;
  readonly version: string;
  /** `auto` also stands for "not set". */
  readonly configured: 'auto' | 'legacy' | 'nft';
  readonly outcomes: ProbeOutcomes;
}

/** Components whose detection is known well enough to be replayed. */
export const replayableComponents: readonly string[] = ['felix', 'iptables-wrappers'];

/** Which backend a component would choose from these probe outcomes, and by which branch of its code. */
export function replayChoice(request: ReplayRequest): BackendReplay {
  if (request.component === 'felix') return replayFelix(request);
  if (request.component === 'iptables-wrappers') return replayWrappers(request);
  return undecided(request, `the detection of '${request.component}' is not modelled, only that of ${replayableComponents.join(' and ')}`);
}

function replayFelix(request: ReplayRequest): BackendReplay {
  const era = felixEra(request.version);
  if (!era.ok) return undecided(request, describeProblem(era.problem));
  if (era.value.detect === null) return withoutDetection(request);
  const replay = detected(request, era.value.detect);
  if (request.configured !== 'auto') return pinned(request, replay);
  if (era.value.autoByDefault) return replay;
  return { ...replay, warning: `${request.version} detects only when it is told auto; left unset it uses legacy` };
}

/** Before v3.12.0: legacy unless told nft; the probes are never run. */
function withoutDetection(request: ReplayRequest): BackendReplay {
  const { component, version, configured } = request;
  const effective = configured === 'nft' ? 'nft' : 'legacy';
  const branch = `no detection before v3.12.0: ${configured === 'auto' ? 'the default is legacy' : `${configured} as configured`}`;
  return { component, version, configured, detected: effective, effective, branch, warning: null, missing: [] };
}

/** A pin overrides what was detected, but the probes still run, and Felix warns where they disagree. */
function pinned(request: ReplayRequest, replay: BackendReplay): BackendReplay {
  const effective = request.configured as Backend;
  const differs = replay.detected !== 'undecided' && replay.detected !== effective;
  const warning = differs
    ? `${effective} is specified and ${replay.detected} detected: Felix warns of the mismatch and uses ${effective}`
    : null;
  return { ...replay, effective, warning };
}

function replayWrappers(request: ReplayRequest): BackendReplay {
  const detection = wrappersDetection(request.version);
  if (!detection.ok) return undecided(request, describeProblem(detection.problem));
  const replay = detected(request, detection.value);
  if (request.configured === 'auto') return replay;
  return { ...replay, warning: `iptables-wrappers has no setting: ${request.configured} is not used` };
}

/** Runs the detection over everything that the unknown outcomes could be; only a decision common to all counts. */
function detected(request: ReplayRequest, detect: Detection): BackendReplay {
  const { component, version, configured, outcomes } = request;
  const decisions = completions(outcomes).map(detect);
  const backends = new Set(decisions.map((decision) => decision.backend));
  const unknown = probeCommands.filter((command) => outcomes.commands[command] === null);
  const [backend] = backends;
  if (backends.size > 1 || backend === undefined) {
    const missing = unknown.length > 0 ? unknown.map((command) => `the outcome of ${command}`) : ['whether legacy tables exist'];
    return { ...undecided(request, missing.join(', ')), missing };
  }
  const branch = branchWords(decisions, unknown);
  return { component, version, configured, detected: backend, effective: backend, branch, warning: null, missing: [] };
}

function branchWords(decisions: readonly Decision[], unknown: readonly string[]): string {
  const exact = new Set(decisions.map(({ branch, numbers }) => (numbers === '' ? branch : `${branch}; ${numbers}`)));
  const [only] = exact;
  if (exact.size === 1 && only !== undefined) return only;
  const names = [...new Set(decisions.map((decision) => decision.branch))].join(', or ');
  return unknown.length === 0 ? names : `${names}; the same whatever ${unknown.join(', ')} would print`;
}

function undecided(request: ReplayRequest, missing: string): BackendReplay {
  const { component, version, configured } = request;
  const effective = component === 'felix' && configured !== 'auto' ? configured : 'undecided';
  return {
    component,
    version,
    configured,
    detected: 'undecided',
    effective,
    branch: `undecided: ${missing}`,
    warning: null,
    missing: [missing],
  };
}
