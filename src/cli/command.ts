import type { Command as CommanderCommand } from 'commander';
import type { Palette } from '#reports/palette.ts';

/** Exit status of every command: see docs/cli.md. */
export const exitStatus = { clean: 0, findings: 1, usage: 2, undecided: 3 } as const;
export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus] | 130;

/** Where a command writes and what the other side can show. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Standard output is a terminal. */
  readonly terminal: boolean;
  /** Colour is wanted: `--color`, NO_COLOR, TERM=dumb and the terminal together. */
  readonly color: boolean;
  /** Columns of the terminal, or 100 where there is none. */
  readonly width: number;
  /** Columns that tables and lists may take: those of the terminal; elsewhere nothing is cut. */
  readonly fullWidth: number;
  readonly palette: Palette;
}

/** A command adds its arguments and options to `command` and returns the action. Errors for the user are thrown as UserError. */
export type RegisterCommand = (command: CommanderCommand, run: RunAction) => void;
export type RunAction = (action: (io: Io) => ExitStatus | Promise<ExitStatus>) => Promise<void>;

/** Wrong usage or unreadable input: printed as `faultline: MESSAGE`, exit status 2. */
export class UserError extends Error {}
