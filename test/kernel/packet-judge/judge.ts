import { spawnSync } from 'node:child_process';
import { openWalker } from '#engines/packet-walk/index.ts';
import type { PacketOut, PacketWalk, Probe, WalkLeg } from '#facts/packet-walk.ts';
import type { Fate, PacketFate, Scene, ScenePacket, SceneResult } from './scene.ts';
import { snapshotOfDumps } from './snapshot-of-dumps.ts';
import { mustParse } from './wire.ts';

/** One packet as the kernel and as the walk judged it. */
export interface Judged {
  readonly packet: ScenePacket;
  readonly kernel: PacketFate;
  readonly walk: PacketWalk;
  /** What differs, in words; null where nothing does. */
  readonly wrong: string | null;
}

export interface JudgedScene {
  readonly scene: Scene;
  readonly dumps: SceneResult['files'];
  readonly judged: readonly Judged[];
}

const child = new URL('./child.ts', import.meta.url).pathname;

/** Runs scenes on the real kernel, in a process that dies with this one, and walks the same packets over its dumps. */
export function judge(scenes: readonly Scene[]): readonly JudgedScene[] {
  const run = spawnSync('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', process.execPath, child], {
    input: JSON.stringify(scenes),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (run.status !== 0) throw new Error(`the judge's process failed (${run.status}): ${run.stderr}`);
  const results = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SceneResult);
  return scenes.map((scene, i) => judgeScene(scene, results[i] as SceneResult));
}

function judgeScene(scene: Scene, { files, fates }: SceneResult): JudgedScene {
  const walker = openWalker(snapshotOfDumps(files));
  const judged = scene.packets.map((packet, i) => {
    const kernel = fates[i] as PacketFate;
    const walk = walker.walk(probeOf(packet));
    return { packet, kernel, walk, wrong: difference(packet, kernel, walk) };
  });
  return { scene, dumps: files, judged };
}

export function probeOf({ origin, from, to, protocol, fromPort, toPort, tcpFlags, icmp, badChecksum }: ScenePacket): Probe {
  const hasPorts = protocol === 6 || protocol === 17;
  return {
    from: mustParse(from),
    to: mustParse(to),
    protocol,
    fromPort: hasPorts ? fromPort : null,
    toPort: hasPorts ? toPort : null,
    inInterface: origin === 'host' ? null : origin,
    icmp,
    tcpFlags: protocol === 6 ? tcpFlags : null,
    state: badChecksum ? 'INVALID' : 'NEW',
    mark: 0,
  };
}

function difference(packet: ScenePacket, kernel: PacketFate, walk: PacketWalk): string | null {
  const request = legDifference(kernel.request, walk.request);
  if (request !== null) return `request: ${request}`;
  if (kernel.reply === null || walk.reply === null || packet.badChecksum) return null;
  const reply = legDifference(kernel.reply, walk.reply);
  return reply === null ? null : `reply: ${reply}`;
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
  if (verdict !== 'delivered' || out === null || out.interface !== kernel.at) return false;
  return endFits(out.from, kernel.from, kernel.fromPort) && endFits(out.to, kernel.to, kernel.toPort);
}

/** A raw IPv6 socket shows no addresses; a port that the walk leaves open is the kernel's to choose. */
function endFits(walked: string, address: string, port: number): boolean {
  const parts = /^(?:\[([^\]]+)\]|([\d.]+)|([\da-f:]+))(?::(\d+))?$/.exec(walked);
  const walkedAddress = parts?.[1] ?? parts?.[2] ?? parts?.[3];
  return (address === '' || walkedAddress === address) && (parts?.[4] === undefined || Number(parts[4]) === port);
}

function show(fate: Fate): string {
  return fate.kind === 'delivered' ? `delivered at ${fate.at} from ${fate.from}:${fate.fromPort} to ${fate.to}:${fate.toPort}` : fate.kind;
}
