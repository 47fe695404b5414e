import type { ScenePacket } from './scene.ts';
import type { Seen } from './wire/decode.ts';
import { mustParse, type WirePacket } from './wire/encode.ts';

/** The request as bytes will say it. Fragments carry enough for two. */
export function requestOf(packet: ScenePacket, { id, traced }: { readonly id: number; readonly traced: boolean }): WirePacket {
  return {
    from: mustParse(packet.from),
    to: mustParse(packet.to),
    protocol: packet.protocol,
    fromPort: packet.fromPort,
    toPort: packet.toPort,
    tcpFlags: packet.tcpFlags,
    icmp: packet.icmp,
    id,
    traced,
    acknowledged: packet.tcpFlags & 0x10 ? (id << 8) + 0x80 : 0,
    padding: (packet.padding ?? 0) + (packet.fragment === undefined ? 0 : 32),
    ...(packet.badChecksum && { badChecksum: true }),
    ...(packet.ttl !== undefined && { ttl: packet.ttl }),
    ...(packet.cut !== undefined && { cut: packet.cut }),
  };
}

const icmpRequests = new Map([
  [8, 0],
  [13, 14],
  [17, 18],
  [128, 129],
]);

/** Who would answer a request that came through: the kernel itself, the judge in the receiver's place, or nobody. */
export function whoAnswers(packet: ScenePacket, at: string): 'kernel' | 'receiver' | 'nobody' {
  const { protocol, tcpFlags, icmp, badChecksum, cut, fragment } = packet;
  if (badChecksum || cut !== undefined || fragment !== undefined) return 'nobody';
  if (protocol === 6 && tcpFlags !== 2) return 'nobody';
  if (icmp !== null && !icmpRequests.has(icmp.type)) return 'nobody';
  if (at !== 'local') return 'receiver';
  if (protocol === 6 || icmp?.type === 8 || icmp?.type === 128) return 'kernel';
  return icmp === null ? 'receiver' : 'nobody';
}

export function isAnswer(seen: Seen, { protocol, icmp }: ScenePacket): boolean {
  if (seen.protocol !== protocol) return false;
  if (protocol === 6) return seen.tcpFlags === 0x12;
  return icmp === null || seen.icmpType === icmpRequests.get(icmp.type);
}
