import type { PacketOut } from '#facts/packet-walk.ts';
import type { LegRun } from '../leg-run.ts';
import type { Machine } from '../machine.ts';
import type { ChainEnd } from '../verdict.ts';
import { formatEnd } from './end-text.ts';
import { beginReply } from './reply.ts';
import type { Next } from './stage.ts';

const verdicts = { accept: 'delivered', drop: 'dropped', reject: 'rejected', undecided: 'undecided' } as const;

/** The packet does not go on. */
export function lost(machine: Machine, end: Exclude<ChainEnd, 'accept'>): null {
  close(machine, end, null);
  return null;
}

/** The packet has left by an interface, or is `local`: where it was the request, its receiver replies. */
export function arrived(machine: Machine, by: string): Next {
  const { packet } = machine;
  const out = {
    interface: by,
    from: formatEnd(packet.source),
    to: machine.fork?.texts[0] ?? formatEnd(packet.destination),
    mark: packet.mark,
  };
  const isRequest = packet.leg === 'request';
  const leg = close(machine, 'accept', out);
  if (!isRequest || machine.isForMany || leg.verdict !== 'delivered' || !machine.exploration.whole) return null;
  machine.askedBy = machine.frame;
  machine.frame = null;
  return beginReply(machine, by);
}

function close(machine: Machine, end: ChainEnd, out: PacketOut | null): LegRun {
  // A gap on the way makes the leg undecided, whatever the rules that are known said.
  const verdict = machine.gaps === null ? verdicts[end] : 'undecided';
  const { steps, gaps, asked, weights, passed } = machine;
  const leg: LegRun = { verdict, steps, out, gaps, asked, weights, passed };
  if (machine.packet.leg === 'request') machine.request = leg;
  else machine.reply = leg;
  machine.program = null;
  machine.steps = null;
  machine.gaps = null;
  return leg;
}
