import type { Packet } from '../packet.ts';
import type { RouteQuery } from '../routing.ts';

export function routeQuery(packet: Packet, inInterface: string | null): RouteQuery {
  return { destination: packet.destination.address, source: packet.source.address, inInterface, mark: packet.mark };
}
