import { type ConfiguredBackend, type ProbeCommand, probeCommands, replayableComponents, unknownProbes } from '#engines/backends/index.ts';
import type { BackendReport } from '#facts/backend-report.ts';
import { shown } from '#formats/shown.ts';
import { backendsText } from '#reports/backends-text.ts';
import { type BackendQuestion, backendReport, type Component } from '../backend-report.ts';
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
    .argument('[source]', 'a snapshot or a folder of dumps; left out: this node (with --probes or --fail all: nothing)')
    .option('--replay <component@version>', 'what this component would choose, for example felix@v3.18.1')
    .option('--fail <probes>', 'all, or names of probe commands separated by commas: those fail')
    .option('--probes <file>', 'outcomes of the probe commands as JSON, in place of those of the source')
    .option('--configured <value>', 'auto, legacy or nft: what the component is told')
    .option('-o, --output <format>', 'text or json', 'text')
    .action((source: string | undefined, options: Options) =>
      run((io) => {
        const { output } = options;
        if (output !== 'text' && output !== 'json') throw new UserError(`--output: found '${shown(output)}', expected text or json`);
        const report = backendReport(questionOf(source, options));
        io.out(
          output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : backendsText(report, { palette: io.palette, width: io.fullWidth }),
        );
        return statusOf(report);
      }),
    );
};

/** 1 where backends disagree, 3 where something that the answer needs is missing. */
function statusOf({ disagreements, undecided, replay }: BackendReport): ExitStatus {
  if (disagreements.length > 0) return exitStatus.findings;
  return undecided.length > 0 || replay?.effective === 'undecided' ? exitStatus.undecided : exitStatus.clean;
}

/** Everything wrong with the options is said before a node is captured. */
function questionOf(source: string | undefined, { replay, fail, probes, configured }: Options): BackendQuestion {
  if (probes !== undefined && replay === undefined) throw new UserError('--probes: needs --replay COMPONENT@VERSION');
  if (fail !== undefined && replay === undefined) throw new UserError('--fail: needs --replay COMPONENT@VERSION');
  const fails = fail === undefined ? [] : failing(fail);
  // Where every probe fails, nothing of a node is asked.
  const allFail = source === undefined && fails.length === probeCommands.length;
  const options = {
    component: replay === undefined ? null : componentOf(replay),
    outcomes: probes !== undefined ? readProbesFile(probes) : allFail ? unknownProbes : null,
    configured: configured === undefined ? null : configuredValue(configured),
    failing: fails,
  };
  return { ...options, snapshot: options.outcomes !== null && source === undefined ? null : openSource(source) };
}

function componentOf(text: string): Component {
  const at = text.indexOf('@');
  const component = at < 0 ? text : text.slice(0, at);
  if (at >= 0 && replayableComponents.includes(component)) return { component, version: text.slice(at + 1) };
  throw new UserError(`--replay: found '${shown(text)}', expected ${replayableComponents.map((name) => `${name}@VERSION`).join(' or ')}`);
}

function configuredValue(text: string): ConfiguredBackend {
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
