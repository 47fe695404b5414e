import { reachOf } from '#engines/packet-walk/reach.ts';
import type { Reach } from '#facts/reach.ts';
import { reachText } from '#reports/reach-text.ts';
import { type ExitStatus, exitStatus, type Io, type RegisterCommand, UserError } from '../command.ts';
import { helpNote } from '../help-note.ts';
import { readReachWish } from '../reach-wish.ts';
import { openSource } from '../source.ts';

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly proto?: string;
  readonly output: string;
}

export const register: RegisterCommand = (command, run) => {
  command
    .argument('[source]', 'a snapshot or a folder of dumps; left out: this node')
    .option('--from <end>', 'only from here: NAMESPACE/POD, host (the node itself), outside or an address')
    .option('--to <end>', 'only to here: NAMESPACE/POD[:PORT], NAMESPACE/SERVICE[:PORT], host, outside or ADDR[:PORT]')
    .option('--proto <name>', 'tcp, udp, sctp or icmp only (each destination by its own: its first port, else a ping)')
    .option('-o, --output <format>', 'text, wide (all endpoints) or json', 'text')
    .addHelpText('after', helpNote(...notes))
    .action((source: string | undefined, options: Options) => run((io) => reach(source, options, io)));
};

const notes = [
  "All new connections between the pods of the node, services, the node itself (host) and the world outside (an address that no route but the default one names, by the default route's interface), request and reply.",
  '"alone" is the node as if the other backend had no tables at all: no rules and no policies.',
  'Exit status: 0 all delivered, 1 something dropped or rejected, 3 something undecided.',
];

async function reach(source: string | undefined, options: Options, io: Io): Promise<ExitStatus> {
  const { output } = options;
  if (output !== 'text' && output !== 'wide' && output !== 'json')
    throw new UserError(`--output: found '${output}', expected text, wide or json`);
  const snapshot = await openSource(source);
  const found = reachOf(snapshot, readReachWish(options, snapshot));
  if (output === 'json') io.out(`${JSON.stringify({ apiVersion: 'faultline.dev/v1', kind: 'Reach', node: snapshot.node, ...found })}\n`);
  else io.out(reachText(found, { node: snapshot.node, palette: io.palette, wide: output === 'wide', width: io.terminal ? io.width : 160 }));
  return statusOf(found);
}

function statusOf({ verdicts, pairs }: Reach): ExitStatus {
  if (verdicts.dropped + verdicts.rejected > 0) return exitStatus.findings;
  return verdicts.undecided > 0 || pairs === 0 ? exitStatus.undecided : exitStatus.clean;
}
