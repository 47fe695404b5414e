import {
  compareInterfaces,
  configuredBackend,
  judgeBackends,
  type ProbeCommand,
  type ProbeOutcomes,
  probeCommands,
  probeOutcomes,
  replayableComponents,
  replayChoice,
  surveyBackends,
  withFailing,
} from '#engines/backends/index.ts';
import { findEvents } from '#engines/signatures/index.ts';
import type { BackendReport } from '#facts/backend-report.ts';
import type { BackendReplay } from '#facts/ownership.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { shown } from '#formats/shown.ts';
import { backendsText } from '#reports/backends-text.ts';
import { type ExitStatus, exitStatus, type RegisterCommand, UserError } from '../command.ts';
import { readProbesFile } from '../probes-file.ts';
import { openSource } from '../source.ts';

interface Options {
  readonly replay?: string;
  readonly fail?: string;
  readonly probes?: string;
  readonly configured?: string;
  readonly output: string;
}

export const register: RegisterCommand = (command, run) => {
  command
    .argument('[source]', 'a snapshot directory; left out: this node (with --probes: nothing)')
    .option('--replay <component@version>', 'what this component would choose, for example felix@v3.18.1')
    .option('--fail <probes>', 'all, or names of probe commands separated by commas: those fail')
    .option('--probes <file>', 'outcomes of the probe commands as JSON, in place of those of the source')
    .option('--configured <value>', 'auto, legacy or nft: what the component is told')
    .option('-o, --output <format>', 'text or json', 'text')
    .action((source: string | undefined, options: Options) =>
      run((io) => {
        const report = backendReport(source, checked(options));
        io.out(options.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : backendsText(report));
        return statusOf(report);
      }),
    );
};

function checked(options: Options): Options {
  const { output, probes, replay, configured, fail } = options;
  if (output !== 'text' && output !== 'json') throw new UserError(`--output: found '${shown(output)}', expected text or json`);
  if (probes !== undefined && replay === undefined) throw new UserError('--probes: needs --replay COMPONENT@VERSION');
  if (configured !== undefined) configuredValue(configured);
  if (fail !== undefined) failing(fail);
  return options;
}

/** 1 where backends disagree, 3 where something that the answer needs is missing. */
function statusOf({ disagreements, undecided, replay }: BackendReport): ExitStatus {
  if (disagreements.length > 0) return exitStatus.findings;
  return undecided.length > 0 || replay?.effective === 'undecided' ? exitStatus.undecided : exitStatus.clean;
}

function backendReport(source: string | undefined, options: Options): BackendReport {
  const component = options.replay === undefined ? null : componentOf(options.replay);
  const outcomes = options.probes === undefined ? null : readProbesFile(options.probes);
  const snapshot = outcomes !== null && source === undefined ? null : openSource(source);
  const survey = snapshot === null ? nothingSurveyed : surveyOf(snapshot);
  const { replay, notes } = replayOf(component ?? felixOf(snapshot), snapshot, outcomes, options);
  return { apiVersion: 'faultline.dev/v1', kind: 'BackendReport', node: snapshot?.node ?? null, ...survey, replay, notes };
}

type Survey = Pick<BackendReport, 'owned' | 'felixUses' | 'interfaces' | 'disagreements' | 'undecided'>;
const nothingSurveyed: Survey = { owned: [], felixUses: null, interfaces: [], disagreements: [], undecided: [] };

function surveyOf(snapshot: Snapshot): Survey {
  const { owned, felixUses, undecided } = surveyBackends(snapshot, findEvents(snapshot.logs));
  const interfaces = compareInterfaces(snapshot);
  const judgement = judgeBackends({ owned, felixUses, undecided }, interfaces);
  return { owned, felixUses, interfaces: interfaces.kind === 'read' ? interfaces.value : [], ...judgement };
}

interface Component {
  readonly component: string;
  readonly version: string;
}

function componentOf(text: string): Component {
  const at = text.indexOf('@');
  const component = at < 0 ? text : text.slice(0, at);
  const known = replayableComponents.includes(component);
  if (at >= 0 && known) return { component, version: text.slice(at + 1) };
  throw new UserError(`--replay: found '${shown(text)}', expected ${replayableComponents.map((name) => `${name}@VERSION`).join(' or ')}`);
}

/** Without --replay: the Felix of the snapshot, where its version is known. */
function felixOf(snapshot: Snapshot | null): Component | null {
  const version = snapshot?.versions.get('calico');
  return version === undefined ? null : { component: 'felix', version };
}

interface Replayed {
  readonly replay: BackendReplay | null;
  readonly notes: readonly string[];
}

function replayOf(component: Component | null, snapshot: Snapshot | null, given: ProbeOutcomes | null, options: Options): Replayed {
  const outcomes = given ?? (snapshot === null ? null : probeOutcomes(snapshot));
  if (component === null || outcomes === null) return { replay: null, notes: [] };
  const reading = component.component === 'felix' && snapshot !== null ? configuredBackend(snapshot) : null;
  const found = reading?.kind === 'read' ? reading.value : 'auto';
  const configured = options.configured === undefined ? found : configuredValue(options.configured);
  const assumed = options.configured === undefined && reading?.kind === 'missing';
  const notes = assumed ? [`what Felix is told is not known, auto is assumed; ${reading.source}: ${reading.because}`] : [];
  const tried = withFailing(outcomes, options.fail === undefined ? [] : failing(options.fail));
  return { replay: replayChoice({ ...component, configured, outcomes: tried }), notes };
}

function configuredValue(text: string): 'auto' | 'legacy' | 'nft' {
  const lower = text.toLowerCase();
  if (lower === 'auto' || lower === 'legacy' || lower === 'nft') return lower;
  throw new UserError(`--configured: found '${shown(text)}', expected auto, legacy or nft`);
}

function failing(text: string): readonly ProbeCommand[] {
  if (text === 'all') return probeCommands;
  return text.split(',').map((name) => {
    const command = probeCommands.find((each) => each === name);
    if (command === undefined) throw new UserError(`--fail: found '${shown(name)}', expected all or ${probeCommands.join(', ')}`);
    return command;
  });
}
