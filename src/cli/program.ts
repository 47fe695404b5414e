import { Command } from 'commander';
import type { RunAction } from './command.ts';
import { commandTable } from './command-table.ts';

/** The command line as a whole; the code of a command is loaded only where `wants` says so. */
export async function buildProgram(version: string, wants: (name: string) => boolean, run: RunAction): Promise<Command> {
  const program = new Command('faultline')
    .description('Finds why a Kubernetes node or its pod network is broken, and proves it from evidence.')
    .version(version, '-V, --version')
    .option('--color <when>', 'auto, always or never', 'auto')
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'faultline: ')) })
    .exitOverride();
  for (const entry of commandTable) {
    const command = program.command(entry.name).description(entry.summary);
    if (wants(entry.name)) (await entry.load()).register(command, run);
  }
  return program;
}
