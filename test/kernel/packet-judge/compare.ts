import type { PacketOut, PacketWalk, WalkLeg } from '#facts/packet-walk.ts';
import type { Fate, PacketFate, ScenePacket } from './scene.ts';

/** What differs between the kernel and the walk, in words; null where nothing does. */
export function difference(packet: ScenePacket, kernel: PacketFate, walk: PacketWalk): string | null {
  if (kernel.moot) return null;
  if (unseen(packet, kernel, walk)) return null;
  const request = legDifference(kernel.request, walk.request);
  if (request !== null) return `request: ${request}`;
  if (kernel.reply === null || walk.reply === null || packet.badChecksum) return null;
  const reply = legDifference(kernel.reply, walk.reply);
  return reply === null ? null : `reply: ${reply}`;
}

/** ICMPv6 with a bad checksum reaches no socket of the node, so that nothing shows whether it was let in (rawv6_rcv in net/ipv6/raw.c). */
function unseen({ badChecksum, protocol }: ScenePacket, kernel: PacketFate, walk: PacketWalk): boolean {
  return badChecksum === true && protocol === 58 && kernel.request.kind === 'dropped' && walk.request.out?.interface === 'local';
}

/** An ICMP error or reset may be lost on its way back, so that a rejection can look like a drop; never the other way round. */
function legDifference(kernel: Fate, leg: WalkLeg): string | null {
  if (leg.verdict === 'undecided') {
    const named = leg.because === 'outcome-depends' ? leg.outcomes : undefined;
    const possible = named === undefined || named.some(({ verdict, out }) => fits(kernel, verdict, out));
    return possible ? null : `the kernel's ${show(kernel)} is none of the outcomes ${JSON.stringify(named)}`;
  }
  if (leg.outcomes?.some(({ verdict, out }) => fits(kernel, verdict, out))) return null;
  return fits(kernel, leg.verdict, leg.out) ? null : `the kernel: ${show(kernel)}; the walk: ${leg.verdict} ${JSON.stringify(leg.out)}`;
}

function fits(kernel: Fate, verdict: string, out: PacketOut | null): boolean {
  if (kernel.kind !== 'delivered') return verdict === kernel.kind || (verdict === 'rejected' && kernel.kind === 'dropped');
  if (verdict !== 'delivered' || out === null) return false;
  if (out.interface !== kernel.at && !(out.interface === 'br0' && kernel.at.startsWith('tap'))) return false;
  return endFits(out.from, kernel.from, kernel.fromPort) && endFits(out.to, kernel.to, kernel.toPort);
}

/** A port that the walk leaves open is the kernel's to choose. */
function endFits(walked: string, address: string, port: number | null): boolean {
  const parts = /^(?:\[([^\]]+)\]|([\d.]+)|([\da-f:]+))(?::(\d+))?$/.exec(walked);
  const walkedAddress = parts?.[1] ?? parts?.[2] ?? parts?.[3];
  return (address === '' || walkedAddress === address) && (parts?.[4] === undefined || port === null || Number(parts[4]) === port);
}

export function show(fate: Fate): string {
  if (fate.kind !== 'delivered') return fate.kind;
  return `delivered at ${fate.at} from ${fate.from}:${fate.fromPort ?? ''} to ${fate.to}:${fate.toPort ?? ''}`;
}
