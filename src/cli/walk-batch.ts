import { readFileSync } from 'node:fs';
import type { Walker } from '#engines/packet-walk/index.ts';
import type { PacketWalk, Probe, WalkLeg } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { parseJson } from '#formats/json-text.ts';
import { shown } from '#formats/shown.ts';
import { type ExitStatus, exitStatus, type Io, UserError } from './command.ts';
import { document, statusOf } from './walk-answer.ts';
import { type ProbeText, readProbe } from './walk-probe.ts';

interface BatchOptions {
  /** `-`: standard input. */
  readonly file: string;
  /** Keep the steps of each answer. */
  readonly steps: boolean;
}

/** The worst answer of a batch: a line that cannot be read, then dropped, then undecided, then delivered. Every line has its answer. */
export async function walkBatch(walker: Walker, snapshot: Snapshot, { file, steps }: BatchOptions, io: Io): Promise<ExitStatus> {
  const name = file === '-' ? 'standard input' : file;
  const found = new Set<ExitStatus>();
  let number = 0;
  for await (const line of batchLines(file)) {
    number++;
    if (line.trim() === '') continue;
    const read = batchProbe(line, `${name}:${number}`, snapshot);
    const id = read.id === undefined ? {} : { id: read.id };
    if ('error' in read) {
      io.out(`${JSON.stringify({ ...id, apiVersion: 'faultline.dev/v1', kind: 'Error', error: read.error })}\n`);
      io.err(`faultline: ${read.error}\n`);
      found.add(exitStatus.usage);
      continue;
    }
    const answer = walker.walk(read.probe);
    io.out(`${JSON.stringify({ ...id, ...document(steps ? answer : withoutSteps(answer)) })}\n`);
    found.add(statusOf(answer));
  }
  const worst = [exitStatus.usage, exitStatus.findings, exitStatus.undecided].find((each) => found.has(each));
  return worst ?? exitStatus.clean;
}

/** Of standard input line by line as they come: whoever writes one to a pipe gets its answer before the next. */
async function* batchLines(file: string): AsyncIterable<string> {
  try {
    if (file === '-') yield* linesOf(process.stdin.setEncoding('utf8'));
    else yield* readFileSync(file, 'utf8').split('\n');
  } catch (error) {
    throw new UserError(`--batch ${file}: cannot be read: ${inWords(error)}`);
  }
}

async function* linesOf(input: AsyncIterable<string>): AsyncIterable<string> {
  let begun = '';
  for await (const part of input) {
    const lines = (begun + part).split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
  yield begun;
}

const words: Readonly<Record<string, string>> = {
  ENOENT: 'found no such file',
  EISDIR: 'found a folder, expected a file',
  EACCES: 'permission denied',
};

function inWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : words[code]) ?? message;
}

const batchKeys: ReadonlySet<string> = new Set(
  'id from to proto inInterface state tcpFlags icmpType mark fragment badChecksum ttl length'.split(' '),
);

type BatchLine = { readonly id: unknown; readonly probe: Probe } | { readonly id: unknown; readonly error: string };

function batchProbe(line: string, place: string, snapshot: Snapshot): BatchLine {
  let id: unknown;
  try {
    const json = parseJson(line, place);
    if (!json.ok) return { id, error: `${place}: found ${json.problem.found}, expected JSON` };
    const value = json.value as ProbeText & { readonly id?: unknown };
    id = value?.id;
    if (typeof value?.from !== 'string' || typeof value.to !== 'string')
      throw new UserError(`found ${shown(line)}, expected an object with from and to`);
    const strange = Object.keys(value).find((key) => !batchKeys.has(key));
    if (strange !== undefined) throw new UserError(`found the key '${strange}', expected ${[...batchKeys].join(', ')}`);
    return { id, probe: readProbe(value, snapshot) };
  } catch (error) {
    return { id, error: `${place}: ${(error as Error).message}` };
  }
}

function withoutSteps(walk: PacketWalk): PacketWalk {
  const bare = (leg: WalkLeg): WalkLeg => ({
    ...leg,
    steps: [],
    ...(leg.outcomes !== undefined && { outcomes: leg.outcomes.map(({ choices: _, ...outcome }) => outcome) }),
  });
  return { ...walk, request: bare(walk.request), reply: walk.reply === null ? null : bare(walk.reply) };
}
