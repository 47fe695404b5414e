import { readFileSync } from 'node:fs';
import { asIf } from '#engines/packet-walk/as-if.ts';
import { openWalker, type Walker, type WalkerOptions } from '#engines/packet-walk/index.ts';
import { unfitSelector } from '#engines/packet-walk/unfit-selector.ts';
import { ownerOfChain } from '#facts/chain-owner.ts';
import type { PacketWalk, Probe, WalkLeg } from '#facts/packet-walk.ts';
import { describeProblem } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { parseJson } from '#formats/json-text.ts';
import { shown } from '#formats/shown.ts';
import { packetWalkText, type WalkTextOptions } from '#reports/packet-walk-text.ts';
import { type ExitStatus, exitStatus, type Io, type RegisterCommand, UserError } from '../command.ts';
import { helpNote } from '../help-note.ts';
import { openSource } from '../source.ts';
import { type ProbeText, readProbe, readSelector } from '../walk-probe.ts';
import { walkTitle } from '../walk-title.ts';

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly proto?: string;
  readonly inInterface?: string;
  readonly state?: string;
  readonly without?: readonly string[];
  readonly asIf?: readonly string[];
  readonly order?: string;
  readonly batch?: string;
  readonly steps?: boolean;
  readonly output: string;
}

export const register: RegisterCommand = (command, run) => {
  command
    .argument('[source]', 'a snapshot or a folder of dumps; left out: this node')
    .option('--from <end>', 'where the connection starts: ADDR[:PORT], NAMESPACE/POD, host (the node itself) or outside')
    .option('--to <end>', 'where it goes: ADDR:PORT, NAMESPACE/POD[:PORT], NAMESPACE/SERVICE[:PORT], host or outside')
    .option('--proto <name>', 'tcp, udp, icmp, sctp or a number (tcp with a port, icmp without)')
    .option('--in-interface <if>', 'where the request arrives (by the route back to its source)')
    .option('--state <state>', 'new, established, related, invalid or untracked', 'new')
    .option('--without <selector>', 'leave rules out, e.g. owner=calico,backend=nft; may be repeated', collect)
    .option('--order <order>', 'nft-first or legacy-first, where both backends hook at one priority (both are tried)')
    .option('--as-if <command>', "walk as if an iptables command had run, e.g. 'iptables-nft -I FORWARD -j DROP'; may be repeated", collect)
    .option('--batch <file>', 'JSON Lines of probes, - for standard input; writes one PacketWalk a line')
    .option('--steps', 'with --batch: keep the steps, and the choices that lead to each outcome')
    .option(
      '-o, --output <format>',
      'minimal (verdicts and the rule to blame), text (the deciding steps), wide (all of them) or json',
      'text',
    )
    .addHelpText('after', helpNote(statuses, notModelled))
    .action((source: string | undefined, options: Options) => run((io) => walk(source, options, io)));
};

const statuses =
  'Exit status: 0 delivered both ways, 1 dropped or rejected, 3 undecided. Where chance or state that is not known decides, each outcome is told with its probability and the rules that lead to it.';
const notModelled =
  "The reply starts at the receiver: what happens inside a pod's own namespace is not in a snapshot. What is not modelled, and undecided where it matters, stands in docs/specs/packet-walk.md.";

function orderOf(text: string | undefined): NonNullable<WalkerOptions['order']> | null {
  if (text === undefined) return null;
  if (text === 'nft-first' || text === 'legacy-first') return text;
  throw new UserError(`--order: found '${text}', expected nft-first or legacy-first`);
}

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

async function walk(source: string | undefined, options: Options, io: Io): Promise<ExitStatus> {
  if (!['minimal', 'text', 'wide', 'json'].includes(options.output))
    throw new UserError(`--output: found '${options.output}', expected minimal, text, wide or json`);
  const { without: selectors = [], asIf: commands = [] } = options;
  const without = selectors.map(readSelector);
  if (options.batch === undefined && (options.from === undefined || options.to === undefined))
    throw new UserError('walk needs --from and --to, or --batch');
  const changed = asIf(await openSource(source), commands);
  if (!changed.ok) throw new UserError(describeProblem(changed.problem));
  const snapshot = changed.value;
  for (const [i, selector] of without.entries()) {
    const instead = unfitSelector(snapshot, selector);
    if (instead !== null) throw new UserError(shown(`--without ${selectors[i]}: found no rule that fits, expected ${instead}`, 400));
  }
  const order = orderOf(options.order);
  const walker = openWalker(snapshot, { without, order });
  return options.batch === undefined ? walkOne(walker, snapshot, options, io) : walkBatch(walker, snapshot, options, io);
}

function walkOne(walker: Walker, snapshot: Snapshot, options: Options, io: Io): ExitStatus {
  const { from, to, proto, inInterface, state } = options;
  const probe = readProbe({ from: from as string, to: to as string, proto, inInterface, state }, snapshot);
  const answer = walker.walk(probe);
  if (options.output === 'json') io.out(`${JSON.stringify(document(answer), null, 2)}\n`);
  else {
    const without = options.without !== undefined ? null : withoutBlamed(answer, probe, snapshot);
    io.out(
      packetWalkText(answer, {
        title: walkTitle(probe, { from: from as string, to: to as string }, snapshot),
        detail: options.output as WalkTextOptions['detail'],
        palette: io.palette,
        width: io.fullWidth,
        without,
      }),
    );
  }
  return statusOf(answer);
}

/** The same connection without the rules of whoever wrote the one that lost it: what removing them would change. */
function withoutBlamed({ blame }: PacketWalk, probe: Probe, snapshot: Snapshot): WalkTextOptions['without'] {
  const owner = blame === null ? 'other' : ownerOfChain(blame.chain);
  if (blame === null || owner === 'other') return null;
  const walk = openWalker(snapshot, { without: [{ owner, backend: blame.backend }] }).walk(probe);
  return { selector: `owner=${owner},backend=${blame.backend}`, walk };
}

function document(walk: PacketWalk): object {
  return { apiVersion: 'faultline.dev/v1', kind: 'PacketWalk', ...walk };
}

/** The worst answer of a batch: a line that cannot be read, then dropped, then undecided, then delivered. Every line has its answer. */
function walkBatch(walker: Walker, snapshot: Snapshot, options: Options, io: Io): ExitStatus {
  const file = options.batch as string;
  const found = new Set<ExitStatus>();
  for (const [index, line] of batchLines(file).entries()) {
    if (line.trim() === '') continue;
    const read = batchProbe(line, `${file}:${index + 1}`, snapshot);
    const id = read.id === undefined ? {} : { id: read.id };
    if ('error' in read) {
      io.out(`${JSON.stringify({ ...id, apiVersion: 'faultline.dev/v1', kind: 'Error', error: read.error })}\n`);
      io.err(`faultline: ${read.error}\n`);
      found.add(exitStatus.usage);
      continue;
    }
    const answer = walker.walk(read.probe);
    io.out(`${JSON.stringify({ ...id, ...document(options.steps === true ? answer : withoutSteps(answer)) })}\n`);
    found.add(statusOf(answer));
  }
  const worst = [exitStatus.usage, exitStatus.findings, exitStatus.undecided].find((each) => found.has(each));
  return worst ?? exitStatus.clean;
}

function batchLines(file: string): readonly string[] {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').split('\n');
  } catch (error) {
    throw new UserError(`--batch ${file}: cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
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

function statusOf({ request, reply }: PacketWalk): ExitStatus {
  const verdicts = [request.verdict, reply?.verdict ?? 'undecided'];
  if (verdicts.includes('dropped') || verdicts.includes('rejected')) return exitStatus.findings;
  return verdicts.includes('undecided') ? exitStatus.undecided : exitStatus.clean;
}
