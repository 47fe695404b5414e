import { diagnose } from '#engines/diagnosis/index.ts';
import type { Diagnosis, Severity } from '#facts/diagnosis.ts';
import { diagnosisMarkdown } from '#reports/diagnosis-markdown.ts';
import { diagnosisText } from '#reports/diagnosis-text.ts';
import { type ExitStatus, exitStatus, type Io, type RegisterCommand, UserError } from '../command.ts';
import { commandLine } from '../program-name.ts';
import { openSource } from '../source.ts';

const outputs = ['text', 'wide', 'json', 'markdown'] as const;
type Output = (typeof outputs)[number];
const severities = ['info', 'warning', 'error', 'critical'] as const satisfies readonly Severity[];
const thresholds = [...severities, 'never'] as const;
type Threshold = (typeof thresholds)[number];

interface Options {
  readonly output: string;
  readonly failOn: string;
}

export const register: RegisterCommand = (command, run) => {
  command
    .argument('[source]', 'a snapshot or a folder of dumps; left out: this node')
    .option('-o, --output <format>', outputs.join(', '), 'text')
    .option('--fail-on <severity>', `exit with 1 from this severity on: ${thresholds.join(', ')}`, 'error')
    .action((source: string | undefined, options: Options) =>
      run((io) => {
        const output = choice('--output', options.output, outputs);
        const threshold = choice('--fail-on', options.failOn, thresholds);
        const diagnosis = diagnose(openSource(source));
        io.out(render(diagnosis, output, io, commandLine('diagnose', source, '-o wide')));
        return statusOf(diagnosis, threshold);
      }),
    );
};

function choice<const T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new UserError(`${option}: found '${value}', expected ${allowed.join(', ')}`);
  return found;
}

function render(diagnosis: Diagnosis, output: Output, { palette, width }: Io, hint: string): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(diagnosis, null, 2)}\n`;
    case 'markdown':
      return diagnosisMarkdown(diagnosis);
    case 'text':
    case 'wide':
      return diagnosisText(diagnosis, { palette, width: Math.min(width, 100), wide: output === 'wide', hint });
    default:
      return output satisfies never;
  }
}

function statusOf({ chain, findings, verdict }: Diagnosis, threshold: Threshold): ExitStatus {
  const counts = (severity: Severity): boolean => threshold !== 'never' && severities.indexOf(severity) >= severities.indexOf(threshold);
  if ([...chain, ...findings].some(({ severity }) => counts(severity))) return exitStatus.findings;
  return verdict === 'undecided' ? exitStatus.undecided : exitStatus.clean;
}
