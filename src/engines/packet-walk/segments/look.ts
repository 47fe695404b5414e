import type { Machine } from '../machine.ts';
import type { Packet } from '../packet.ts';

/** What a segment may depend on, beside addresses, ports and the connection, on which none does. */
export const looks = [
  'hook',
  'family',
  'leg',
  'direction',
  'protocol',
  'icmp',
  'tcpFlags',
  'inInterface',
  'outInterface',
  'inPort',
  'outPort',
  'mark',
  'tos',
  'ttl',
  'length',
  'fragmentOffset',
  'moreFragments',
  'badChecksum',
  'macSource',
  'macDestination',
  'packetType',
  'fromSocket',
  'tracked',
  'zone',
  'isTemplated',
  'untold',
  'isPastTracking',
  'priority',
] as const satisfies readonly ('hook' | keyof Packet)[];
export type Look = (typeof looks)[number];
export type PacketLook = Exclude<Look, 'hook'>;

/** Does not compile when a field of the packet is forgotten here. */
type Forgotten = Exclude<keyof Packet, Look | 'source' | 'destination' | 'connection'>;
true satisfies [Forgotten] extends [never] ? true : false;

/** What the machine has there now, so that equal values are one key of a map. */
export function seenValue(look: Look, { packet, hook }: Pick<Machine, 'packet' | 'hook'>): unknown {
  // One access each, not `packet[look]`: this is the inner loop of decisions.
  switch (look) {
    case 'hook':
      return hook;
    case 'mark':
      return packet.mark;
    case 'inInterface':
      return packet.inInterface;
    case 'outInterface':
      return packet.outInterface;
    case 'tracked':
      return packet.tracked;
    case 'protocol':
      return packet.protocol;
    case 'fragmentOffset':
      return packet.fragmentOffset;
    case 'isTemplated':
      return packet.isTemplated;
    case 'icmp':
      return packet.icmp === null ? null : packet.icmp.type * 256 + packet.icmp.code;
    case 'zone':
      return packet.zone.original * 65536 + packet.zone.reply;
    default:
      return packet[look];
  }
}
