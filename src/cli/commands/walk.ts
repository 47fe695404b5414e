import { asIf } from '#engines/packet-walk/as-if.ts';
import { openWalker, type Walker, type WalkerOptions } from '#engines/packet-walk/index.ts';
import { unfitSelector } from '#engines/packet-walk/unfit-selector.ts';
import { ownerOfChain } from '#facts/chain-owner.ts';
import type { PacketWalk, Probe } from '#facts/packet-walk.ts';
import { describeProblem } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { shown } from '#formats/shown.ts';
import { packetWalkText, type WalkTextOptions } from '#reports/packet-walk-text.ts';
import { type ExitStatus, type Io, type RegisterCommand, UserError } from '../command.ts';
import { helpNote } from '../help-note.ts';
import { openSource } from '../source.ts';
import { document, statusOf } from '../walk-answer.ts';
import { walkBatch } from '../walk-batch.ts';
import { walkNotes } from '../walk-notes.ts';
import { readProbe, readSelector } from '../walk-probe.ts';
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
  return options.batch === undefined
    ? walkOne(walker, snapshot, options, io)
    : walkBatch(walker, snapshot, { file: options.batch, steps: options.steps === true }, io);
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
        notes: walkNotes(answer, probe, { asIf: options.asIf ?? [], without: options.without ?? [] }, snapshot),
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
