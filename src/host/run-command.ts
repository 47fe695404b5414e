import { spawnSync } from 'node:child_process';

/** What a command printed, or why it printed nothing that can be used. */
export type CommandOutput =
  | { readonly ok: true; readonly stdout: Buffer; readonly stderr: string }
  | { readonly ok: false; readonly because: string };

export interface CommandBounds {
  /** Milliseconds. */
  readonly timeout: number;
  /** Bytes of standard output. */
  readonly maxBytes: number;
}

/** Debian's non-root PATH has no sbin, where iptables and ip live. */
const path = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'].join(':');

/** Runs a command without a shell: a full node refuses that with EAGAIN, which is an answer like any other. */
export function runCommand(command: string, args: readonly string[], { timeout, maxBytes }: CommandBounds): CommandOutput {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    timeout,
    maxBuffer: maxBytes,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path, LC_ALL: 'C' },
  });
  if (error !== undefined) return { ok: false, because: reasonFor(command, error as NodeJS.ErrnoException, timeout) };
  const complaint = stderr.toString('utf8').trim();
  if (status !== 0)
    return {
      ok: false,
      because: `${command} ended with ${signal ?? `status ${status}`}${complaint === '' ? '' : `: ${complaint.slice(0, 300)}`}`,
    };
  return { ok: true, stdout, stderr: complaint };
}

function reasonFor(command: string, error: NodeJS.ErrnoException, timeout: number): string {
  switch (error.code) {
    case 'ENOENT':
      return `the command ${command} is not installed`;
    case 'EAGAIN':
      return `EAGAIN: ${command} could not be started, the node refuses new processes`;
    case 'ETIMEDOUT':
      return `${command} took longer than ${timeout / 1000} s`;
    case 'ENOBUFS':
      return `${command} printed more than the bound`;
    default:
      return `${command}: ${error.code ?? error.message}`;
  }
}
