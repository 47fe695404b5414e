import { hostname } from 'node:os';
import { printable } from '#facts/printable.ts';
import { type CaptureSummary, capture } from '#host/index.ts';
import { hanging } from '#reports/wrap.ts';
import { exitStatus, type Io, type RegisterCommand, UserError } from '../command.ts';
import { directorySink } from '../directory-sink.ts';
import { durationOf } from '../duration.ts';
import { helpNote } from '../help-note.ts';
import { commandLine } from '../program-name.ts';
import { version } from '../version.ts';

interface Options {
  readonly out?: string;
  readonly exec: boolean;
  readonly since?: string;
}

export const register: RegisterCommand = (command, run) => {
  command
    .option('-o, --out <directory>', 'where to write; must not exist or be empty (default: faultline-NODE-TIME)')
    .option('--no-exec', 'only read files and ask the kernel, start no process: works on a node that cannot fork')
    .option('--since <duration>', 'leave out older journal entries, for example 90m, 24h or 7d')
    .addHelpText('after', helpNote('It only reads. What could not be read is listed, with the reason, here and in snapshot.json.'))
    .action((options: Options) => run((io) => captureTo(options, io)));
};

function captureTo(options: Options, io: Io): typeof exitStatus.clean {
  if (process.platform !== 'linux') throw new UserError(`capture reads a Linux node, this one runs ${process.platform}`);
  const since = options.since === undefined ? null : durationOf(options.since, '--since');
  const out = options.out ?? defaultName(new Date());
  const summary = capture(
    {
      collector: `faultline ${version} capture`,
      exec: options.exec,
      root: '/',
      ...(since !== null && { since: Date.now() - since }),
      onPart: progress(io),
    },
    directorySink(out),
  );
  io.out(`${describe(out, summary, io)}\n`);
  return exitStatus.clean;
}

/** `faultline-node-a-20250920T023107Z`, in the working directory. */
function defaultName(now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `faultline-${hostname().replace(/[^\w.-]/g, '_')}-${time}`;
}

/** One line that is rewritten, on a terminal only. */
function progress(io: Io): (title: string) => void {
  return process.stderr.isTTY === true ? (title) => io.err(`\r\x1b[Kreading ${title}`) : () => {};
}

function describe(out: string, summary: CaptureSummary, { fullWidth }: Io): string {
  if (process.stderr.isTTY === true) process.stderr.write('\r\x1b[K');
  const size = (summary.bytes / 1024 / 1024).toFixed(1);
  const head = `${printable(out)}   ${summary.files} files, ${size} MiB, of node ${printable(summary.node)}`;
  const next = ` next: ${printable(commandLine('diagnose', out))}`;
  if (summary.missing.length === 0) return `${head}\n${next}`;
  return [head, '', ` could not be read: ${summary.missing.length}`, ...missingLines(summary, fullWidth), '', next].join('\n');
}

function missingLines(summary: CaptureSummary, width: number): readonly string[] {
  const byReason = Map.groupBy(summary.missing, (entry) => entry.because);
  return [...byReason].map(([because, entries]) => {
    const names = entries.slice(0, 4).map((entry) => printable(entry.path));
    const others = entries.length > 4 ? ` and ${entries.length - 4} more` : '';
    return `  ${hanging(`${names.join(', ')}${others}: ${printable(because)}`, 4, width)}`;
  });
}
