import { openWalker } from '#engines/packet-walk/index.ts';
import { parseAddress } from '#facts/address.ts';
import type { PacketWalk } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { nodeAddress } from '../plan.ts';
import type { LabProbe } from './probes.ts';

const protocols = { tcp: 6, ip: 1, ip6: 58 } as const;

/** The packet walk's verdict on each probe: one word, as the kernel's answer; `undecided: WHY` where it does not know. */
export function walkerVerdicts(snapshot: Snapshot, probes: readonly LabProbe[]): readonly string[] {
  const walker = openWalker(snapshot);
  return probes.map((probe) => verdictOf(walker.walk(asWalk(probe))));
}

function asWalk({ family, from, to, port }: LabProbe): Parameters<ReturnType<typeof openWalker>['walk']>[0] {
  const source = parseAddress(from === null ? nodeAddress[family] : from.addresses[family]);
  const target = parseAddress(to);
  if (source === null || target === null) throw new Error(`no address in the probe to ${to}`);
  return {
    from: source,
    to: target,
    protocol: port === null ? protocols[family] : protocols.tcp,
    fromPort: port === null ? null : 40_000,
    toPort: port,
    inInterface: from?.interface ?? null,
    icmp: null,
    tcpFlags: null,
    state: 'NEW',
    mark: 0,
  };
}

function verdictOf({ request, reply, undecided }: PacketWalk): string {
  const verdict = request.verdict === 'delivered' && reply !== null ? reply.verdict : request.verdict;
  if (verdict !== 'undecided') return verdict;
  const first = undecided[0];
  return `undecided: ${first === undefined ? 'no reason given' : `${first.table} ${first.chain}: ${first.because}`}`;
}
