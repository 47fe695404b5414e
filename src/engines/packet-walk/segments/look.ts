import type { Machine } from '../machine.ts';
import type { Packet } from '../packet.ts';

/** What a segment may depend on, beside addresses, ports and the connection, on which none does. `seenValue` knows the first ones by their place. */
export const looks = [
  'hook',
  'family',
  'mark',
  'inInterface',
  'outInterface',
  'tracked',
  'protocol',
  'fragmentOffset',
  'isTemplated',
  'length',
  'icmp',
  'zone',
  'leg',
  'direction',
  'tcpFlags',
  'inPort',
  'outPort',
  'tos',
  'ttl',
  'moreFragments',
  'badChecksum',
  'macSource',
  'macDestination',
  'packetType',
  'fromSocket',
  'untold',
  'isPastTracking',
  'priority',
] as const satisfies readonly ('hook' | keyof Packet)[];
export type Look = (typeof looks)[number];
export type PacketLook = Exclude<Look, 'hook'>;

/** Does not compile when a field of the packet is forgotten here. */
type Forgotten = Exclude<keyof Packet, Look | 'source' | 'destination' | 'connection'>;
true satisfies [Forgotten] extends [never] ? true : false;

/** Places in `looks`: the inner loop of decisions jumps by number. */
export const lookNumber: Readonly<Record<Look, number>> = Object.fromEntries(looks.map((look, i) => [look, i])) as Record<Look, number>;

/** What the machine has there now, so that equal values are one key of a map. */
export function seenValue(number: number, { packet, hook }: Pick<Machine, 'packet' | 'hook'>): unknown {
  switch (number) {
    case 0:
      return hook;
    case 1:
      return packet.family;
    case 2:
      return packet.mark;
    case 3:
      return packet.inInterface;
    case 4:
      return packet.outInterface;
    case 5:
      return packet.tracked;
    case 6:
      return packet.protocol;
    case 7:
      return packet.fragmentOffset;
    case 8:
      return packet.isTemplated;
    case 9:
      return packet.length;
    case 10:
      return packet.icmp === null ? null : packet.icmp.type * 256 + packet.icmp.code;
    case 11:
      return packet.zone.original * 65536 + packet.zone.reply;
    default:
      return packet[looks[number] as Exclude<PacketLook, 'icmp' | 'zone'>];
  }
}
