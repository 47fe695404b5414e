import {
  type ConfiguredBackend,
  compareInterfaces,
  configuredBackend,
  judgeBackends,
  type ProbeCommand,
  type ProbeOutcomes,
  probeOutcomes,
  replayChoice,
  surveyBackends,
  withFailing,
} from '#engines/backends/index.ts';
import { findEvents } from '#engines/signatures/index.ts';
import type { BackendReport } from '#facts/backend-report.ts';
import type { BackendReplay } from '#facts/ownership.ts';
import type { Snapshot } from '#facts/snapshot.ts';

export interface Component {
  readonly component: string;
  readonly version: string;
}

export interface BackendQuestion {
  /** Null: only the outcomes are looked at. */
  readonly snapshot: Snapshot | null;
  /** Null: the Felix of the snapshot, where its version is known. */
  readonly component: Component | null;
  /** Null: those of the snapshot. */
  readonly outcomes: ProbeOutcomes | null;
  /** Null: what the snapshot says that the component is told. */
  readonly configured: ConfiguredBackend | null;
  readonly failing: readonly ProbeCommand[];
}

/** Survey, judgement and replay in one document. */
export function backendReport(question: BackendQuestion): BackendReport {
  const { snapshot } = question;
  const survey = snapshot === null ? nothingSurveyed : surveyOf(snapshot);
  const { replay, notes } = replayOf(question);
  return { apiVersion: 'faultline.dev/v1', kind: 'BackendReport', node: snapshot?.node ?? null, ...survey, replay, notes };
}

type Survey = Omit<BackendReport, 'apiVersion' | 'kind' | 'node' | 'replay' | 'notes'>;
const nothingSurveyed: Survey = {
  owned: [],
  felixUses: null,
  iptablesCommand: null,
  readFrom: [],
  interfaces: [],
  disagreements: [],
  undecided: [],
};

function surveyOf(snapshot: Snapshot): Survey {
  const survey = surveyBackends(snapshot, findEvents(snapshot.logs));
  const interfaces = compareInterfaces(snapshot);
  const { owned, felixUses } = survey;
  const compared = interfaces.kind === 'read' ? interfaces.value : [];
  return { owned, felixUses, ...readingOf(snapshot), interfaces: compared, ...judgeBackends(survey, interfaces) };
}

function readingOf({ iptablesCommand, rulesets }: Snapshot): Pick<BackendReport, 'iptablesCommand' | 'readFrom'> {
  const readFrom = (['legacy', 'nft'] as const).flatMap((backend) =>
    (['ip', 'ip6'] as const).flatMap((family) => {
      const reading = rulesets[backend][family];
      return reading.kind === 'read' ? { backend, family, source: reading.source } : [];
    }),
  );
  return { iptablesCommand: iptablesCommand.kind === 'read' ? iptablesCommand.value : null, readFrom };
}

interface Replayed {
  readonly replay: BackendReplay | null;
  readonly notes: readonly string[];
}

function replayOf({ snapshot, component, outcomes, configured, failing }: BackendQuestion): Replayed {
  const asked = component ?? felixOf(snapshot);
  const probes = outcomes ?? (snapshot === null ? null : probeOutcomes(snapshot));
  if (asked === null || probes === null) return { replay: null, notes: [] };
  const told = configured === null && snapshot !== null && asked.component === 'felix' ? configuredBackend(snapshot) : null;
  const value = configured ?? (told?.kind === 'read' ? told.value : 'auto');
  const notes = told?.kind === 'missing' ? [`what Felix is told is not known, auto is assumed; ${told.source}: ${told.because}`] : [];
  return { replay: replayChoice({ ...asked, configured: value, outcomes: withFailing(probes, failing) }), notes };
}

function felixOf(snapshot: Snapshot | null): Component | null {
  const version = snapshot?.versions.get('calico');
  return version === undefined ? null : { component: 'felix', version };
}
