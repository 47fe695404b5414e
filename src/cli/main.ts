import { Command, CommanderError } from 'commander';
import { type ExitStatus, exitStatus, type Io, UserError } from './command.ts';
import { commandTable } from './command-table.ts';
import { type ColorWish, openIo } from './io.ts';
import { version } from './version.ts';

/** Runs one command line (without node and script) and returns the exit status. */
export async function main(args: readonly string[]): Promise<ExitStatus> {
  let status: ExitStatus = exitStatus.clean;
  const program = new Command('faultline')
    .description('Finds why a Kubernetes node or its pod network is broken, and proves it from evidence.')
    .version(version, '-V, --version')
    .option('--color <when>', 'auto, always or never', 'auto')
    .showSuggestionAfterError()
    .exitOverride();
  const run = async (action: (io: Io) => ExitStatus | Promise<ExitStatus>): Promise<void> => {
    status = await action(openIo(colorWish(program.opts()['color'])));
  };

  for (const entry of commandTable) {
    const command = program.command(entry.name).description(entry.summary);
    if (args.includes(entry.name)) (await entry.load()).register(command, run);
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.clean : exitStatus.usage;
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`faultline: ${error.message}\n`);
    return exitStatus.usage;
  }
}

function colorWish(text: string): ColorWish {
  if (text === 'auto' || text === 'always' || text === 'never') return text;
  throw new UserError(`--color: found '${text}', expected auto, always or never`);
}
