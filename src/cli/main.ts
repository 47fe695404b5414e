import { CommanderError } from 'commander';
import { type ExitStatus, exitStatus, type Io, UserError } from './command.ts';
import { type ColorWish, openIo } from './io.ts';
import { buildProgram } from './program.ts';
import { unexpectedFailure } from './unexpected-failure.ts';
import { version } from './version.ts';

/** Runs one command line (without node and script) and returns the exit status. */
export async function main(args: readonly string[]): Promise<ExitStatus> {
  let status: ExitStatus = exitStatus.clean;
  const run = async (action: (io: Io) => ExitStatus | Promise<ExitStatus>): Promise<void> => {
    status = await action(openIo(colorWish(program.opts()['color'])));
  };
  const program = await buildProgram(version, (name) => args.includes(name), run);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.clean : exitStatus.usage;
    process.stderr.write(`faultline: ${error instanceof UserError ? error.message : unexpectedFailure(error)}\n`);
    return exitStatus.usage;
  }
}

function colorWish(text: string): ColorWish {
  if (text === 'auto' || text === 'always' || text === 'never') return text;
  throw new UserError(`--color: found '${text}', expected auto, always or never`);
}
