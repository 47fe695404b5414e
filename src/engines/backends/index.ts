import type { LogEvent } from '#facts/log.ts';
import type { BackendSurvey } from '#facts/ownership.ts';
import type { Snapshot } from '#facts/snapshot.ts';

export {
  failedProbe,
  type ProbeCommand,
  type ProbeOutcome,
  type ProbeOutcomes,
  probeCommands,
  withFailing,
} from './probe-outcomes.ts';
export { type ReplayRequest, replayableComponents, replayChoice } from './replay.ts';

export function surveyBackends(_snapshot: Snapshot, _events: readonly LogEvent[]): BackendSurvey {
  throw new Error('not built yet');
}
