import type { Packet } from '../packet.ts';
import { isOfOneLink } from '../routing/address-kinds.ts';
import type { RouteQuery } from '../routing.ts';

/** The route of what came in (ip_route_input_slow, ip6_route_input). */
export function inputQuery(packet: Packet): RouteQuery {
  const { family, inInterface, destination, source, mark, tos } = packet;
  return {
    destination: destination.address,
    source: source.address,
    inInterface,
    mark,
    tos,
    flow: flowOf(packet),
    ...(family === 'ip6' && { preferred: inInterface, strict: isOfOneLink(destination.address) }),
  };
}

/** The route of what the node itself sends; when OUTPUT changed it, it is asked anew without its ports (ip_route_me_harder). */
export function outputQuery(packet: Packet, isAnew: boolean): RouteQuery {
  const { destination, source, mark, tos } = packet;
  const flow = isAnew ? null : flowOf(packet);
  return { destination: destination.address, source: source.address, inInterface: null, mark, tos, flow, fromSocket: true };
}

/** The route back to the sender (__fib_validate_source): it would come in by the interface that the packet leaves by. */
export function backQuery(
  packet: Packet,
  way: { readonly to: RouteQuery['source']; readonly outInterface: string | null; readonly mark: number },
): RouteQuery {
  const flow = flowOf(packet);
  return {
    destination: packet.source.address,
    source: way.to,
    inInterface: way.outInterface,
    mark: way.mark,
    tos: packet.tos,
    flow: { protocol: flow.protocol, sourcePort: flow.destinationPort, destinationPort: flow.sourcePort },
  };
}

/** Where ports stand that policy rules look at: DCCP, TCP, UDP, SCTP, UDP-Lite, and the numbers of IPsec that the dissector takes for some. */
const withPorts: ReadonlySet<number> = new Set([6, 17, 33, 50, 51, 132, 136]);

/** A fragment shows no ports (__skb_flow_dissect). */
function flowOf({ protocol, source, destination, fragmentOffset, moreFragments }: Packet): NonNullable<RouteQuery['flow']> {
  if (!withPorts.has(protocol) || fragmentOffset > 0 || moreFragments) return { protocol, sourcePort: 0, destinationPort: 0 };
  return { protocol, sourcePort: source.port, destinationPort: destination.port };
}
