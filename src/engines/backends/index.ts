export type { BackendReport, Disagreement, InterfaceComparison } from '#facts/backend-report.ts';
export { compareInterfaces } from './compare-interfaces.ts';
export { type ConfiguredBackend, configuredBackend } from './configured-backend.ts';
export { type BackendJudgement, judgeBackends } from './judge.ts';
export {
  failedProbe,
  type ProbeCommand,
  type ProbeOutcome,
  type ProbeOutcomes,
  probeCommands,
  unknownProbes,
  withFailing,
} from './probe-outcomes.ts';
export { type ReplayRequest, replayableComponents, replayChoice } from './replay.ts';
export { probeOutcomes } from './snapshot-probes.ts';
export { surveyBackends } from './survey.ts';
