import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What was read in one namespace, and what commands printed there. */
export interface NamespaceReading {
  /** Bytes of `netlink/NAME`; empty where there is none. */
  netlink(name: string): Uint8Array;
  readonly missing: readonly { readonly path: string; readonly because: string }[];
  readonly proven: readonly { readonly path: string; readonly because: string }[];
  /** What a file holds that the script wrote to `$OUT/NAME`. */
  output(name: string): string;
  close(): void;
}

const child = fileURLToPath(new URL('./child.ts', import.meta.url));
const repeat = fileURLToPath(new URL('./repeat.ts', import.meta.url));

/**
 * Runs a shell script in a network namespace of its own; in it `read_kernel` reads by netlink, `read_repeatedly MILLISECONDS` does so again and
 * again, and `$OUT` is a folder for what commands print. `$READ_AS`: a command that `read_kernel` runs under.
 */
export function inNamespace(script: string): NamespaceReading {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-netlink-'));
  const whole = `set -e\nread_kernel() { $READ_AS '${process.execPath}' '${child}' "$OUT"; }\nread_repeatedly() { '${process.execPath}' '${repeat}' "$1"; }\n${script}`;
  const { status, stderr } = spawnSync('unshare', ['--net', 'sh', '-c', whole], {
    encoding: 'utf8',
    env: { ...process.env, OUT: folder, LC_ALL: 'C' },
  });
  if (status !== 0) {
    rmSync(folder, { recursive: true });
    throw new Error(`status ${status}: ${stderr}`);
  }
  const reading = JSON.parse(readFileSync(join(folder, 'reading.json'), 'utf8')) as Pick<NamespaceReading, 'missing' | 'proven'>;
  return {
    ...reading,
    netlink: (name) => (existsSync(join(folder, 'netlink', name)) ? readFileSync(join(folder, 'netlink', name)) : new Uint8Array(0)),
    output: (name) => readFileSync(join(folder, name), 'utf8'),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
