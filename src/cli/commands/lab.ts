import { realpathSync } from 'node:fs';
import { describeProblem } from '#facts/result.ts';
import { execInLab, type LabEvent, listLabs, pidsRoot, removeLeftovers, runLab, scenarios, whyNot } from '#lab/index.ts';
import { type ExitStatus, exitStatus, type Io, type RegisterCommand, UserError } from '../command.ts';
import { newTally, renderLabEvent } from '../lab-text.ts';
import { makeDirectory } from '../make-directory.ts';

interface RunOptions {
  readonly scale: string;
  readonly limit: string;
  readonly hold?: string;
  readonly record?: string;
  readonly output: string;
}

export const register: RegisterCommand = (command, run) => {
  command
    .command('list')
    .description('the scenarios, and the labs that run')
    .action(() => run(list));
  command
    .command('run <scenario>')
    .description('make it happen on this kernel, in namespaces and a cgroup of its own')
    .option('--scale <number>', 'divides the numbers of threads and limits', '10')
    .option('--limit <which>', 'what the storm runs into: kubepods or pid-max', 'kubepods')
    .option('--hold <phase>', 'stop after this phase and wait for Ctrl-C (phases: faultline lab list)')
    .option('--record <folder>', 'write the snapshots of the phases that are worth keeping')
    .option('-o, --output <format>', 'text (what is lost, and how much is not), wide (every probe) or json (one event per line)', 'text')
    .action((scenario: string, options: RunOptions) => run((io) => runScenario(io, scenario, options)));
  command
    .command('exec <command...>')
    .description('run a command inside the node of a held lab: faultline lab exec -- faultline diagnose')
    .option('--lab <name>', 'which one, where several run')
    .action((words: string[], options: { readonly lab?: string }) => run(() => exec(words, options.lab ?? null)));
  command
    .command('clean')
    .description('remove what killed labs left')
    .action(() => run(clean));
};

function list(io: Io): ExitStatus {
  for (const { name, summary, phases } of scenarios)
    io.out(`${name.padEnd(16)} ${summary}\n${''.padEnd(16)} phases: ${phases.map((phase) => phase.name).join(', ')}\n`);
  const root = pidsRoot();
  for (const lab of root === null ? [] : listLabs(root.path)) io.out(`${lab.name}  ${lab.running ? 'running' : 'left over'}\n`);
  return exitStatus.clean;
}

function exec(words: readonly string[], lab: string | null): ExitStatus {
  const root = pidsRoot();
  const running = root === null ? [] : listLabs(root.path).filter(({ name, running }) => running && (lab === null || name === lab));
  const [only] = running;
  if (root === null || only === undefined)
    throw new UserError(lab === null ? 'no lab runs: faultline lab run SCENARIO --hold PHASE' : `no lab '${lab}' runs`);
  if (running.length > 1) throw new UserError(`several labs run, choose with --lab: ${running.map(({ name }) => name).join(', ')}`);
  const result = execInLab(`${root.path}/${only.name}`, words);
  if (!result.ok) throw new UserError(describeProblem(result.problem));
  process.exitCode = result.value;
  return result.value as ExitStatus;
}

async function clean(io: Io): Promise<ExitStatus> {
  const root = pidsRoot();
  const removed = root === null ? [] : await removeLeftovers(root.path);
  io.out(removed.length === 0 ? 'nothing was left\n' : `removed: ${removed.join(', ')}\n`);
  return exitStatus.clean;
}

async function runScenario(io: Io, scenario: string, options: RunOptions): Promise<ExitStatus> {
  const phaseNames = scenarios.find(({ name }) => name === scenario)?.phases.map(({ name }) => name);
  if (phaseNames === undefined) throw new UserError(`no scenario '${scenario}': see faultline lab list`);
  if (!['text', 'wide', 'json'].includes(options.output))
    throw new UserError(`--output: found '${options.output}', expected text, wide or json`);
  const wish = {
    scenario,
    scale: scaleOf(options.scale),
    limit: limitOf(options.limit),
    hold: holdOf(options.hold, phaseNames),
    record: recordFolder(options.record),
  };
  const reason = whyNot();
  if (reason !== null) throw new UserError(reason);
  const tally = newTally();
  const show = (event: LabEvent): void =>
    io.out(options.output === 'json' ? `${JSON.stringify(event)}\n` : renderLabEvent(event, io, options.output === 'wide'));
  const end = await runLab(wish, (event) => {
    tally.add(event);
    show(event);
  });
  if (typeof end === 'object') throw new UserError(`the lab failed and was removed: ${end.failure}`);
  if (end === 'interrupted') return 130;
  if (options.output !== 'json') io.out(tally.text());
  return tally.status();
}

function scaleOf(text: string): number {
  const scale = Number(text);
  if (!(scale >= 1 && scale <= 100)) throw new UserError(`--scale: found '${text}', expected a number from 1 to 100`);
  return scale;
}

function holdOf(phase: string | undefined, phaseNames: readonly string[]): string | null {
  if (phase === undefined) return null;
  if (phaseNames.includes(phase)) return phase;
  throw new UserError(`--hold: found '${phase}', expected ${phaseNames.join(', ')}`);
}

function recordFolder(path: string | undefined): string | null {
  if (path === undefined) return null;
  makeDirectory(path);
  return realpathSync(path);
}

function limitOf(text: string): 'kubepods' | 'pid-max' {
  if (text === 'kubepods' || text === 'pid-max') return text;
  throw new UserError(`--limit: found '${text}', expected kubepods or pid-max`);
}
