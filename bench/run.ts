/**
 * `npm run bench -- [--quick] [--rules N] [--rounds N] [--growth [--largest N]]`: Faultline beside the kernel and iptables-save, in one run, on the same rules.
 * `--growth` measures several sizes and writes docs/benchmarks.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { enterNewNetworkNamespace } from '../test/kernel/packet-judge/system/calls.ts';
import { growthSizes, writeGrowth } from './growth.ts';
import { measureSize, type Results } from './rounds.ts';
import { printTable } from './table.ts';

/** Set in the process that already stands in its own network namespace. */
const inside = 'FAULTLINE_BENCH_NAMESPACE';
const programs = [
  'iptables-nft-restore',
  'iptables-nft-save',
  'iptables-legacy-restore',
  'iptables-legacy-save',
  'ipset',
  'conntrack',
  'ip',
  'unshare',
  'setpriv',
];

process.exitCode = main();

function main(): number {
  const refused = whyNot();
  if (refused !== null) {
    process.stderr.write(`bench: ${refused}\n`);
    return 2;
  }
  const options = readOptions();
  if (typeof options === 'string') {
    process.stderr.write(`bench: ${options}\n`);
    return 2;
  }
  return process.env[inside] === undefined ? enterNamespace() : bench(options);
}

function whyNot(): string | null {
  if (process.platform !== 'linux') return `needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'needs root: it makes a network namespace and loads rules there';
  const folders = (process.env['PATH'] ?? '').split(':');
  const absent = programs.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  return absent.length === 0
    ? null
    : `not found on the PATH: ${absent.join(', ')} (Debian: iptables, ipset, conntrack, iproute2, util-linux)`;
}

interface Options {
  readonly rules: number;
  readonly rounds: number;
  readonly growth: boolean;
  /** With --growth: larger sizes are left out. */
  readonly largest: number;
}

function readOptions(): Options | string {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean' },
        rules: { type: 'string' },
        rounds: { type: 'string' },
        growth: { type: 'boolean' },
        largest: { type: 'string' },
      },
    });
    const rules = Number(values.rules ?? (values.quick ? 10_000 : 100_000));
    const rounds = Number(values.rounds ?? (values.quick || values.growth ? 3 : 5));
    if (!Number.isInteger(rules) || rules < 100 || rules > 1_000_000) return `--rules is ${values.rules}, expected 100 to 1000000`;
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) return `--rounds is ${values.rounds}, expected 1 to 100`;
    return { rules, rounds, growth: values.growth === true, largest: Number(values.largest ?? 1_000_000) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs this program again in a network namespace of its own, which ends with it; it dies if this process does. */
function enterNamespace(): number {
  const command = ['--net', 'setpriv', '--pdeathsig', 'KILL', process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', command, { stdio: 'inherit', env: { ...process.env, [inside]: '1' } });
  return status ?? 1;
}

function bench({ rules, rounds, growth, largest }: Options): number {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  try {
    const sizes = growth ? growthSizes.filter((size) => size <= largest) : [rules];
    const results = sizes.map((size) => inFreshNamespace(size, rounds, folder));
    for (const each of results) process.stdout.write(`${printTable(each)}\n`);
    if (growth) process.stdout.write(writeGrowth(results));
    return 0;
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The thread moves on to a new namespace for each size: the rules of the last one go with it. */
function inFreshNamespace(size: number, rounds: number, folder: string): Results {
  enterNewNetworkNamespace();
  return measureSize(size, rounds, folder);
}
