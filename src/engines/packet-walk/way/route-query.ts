import type { Address } from '#facts/address.ts';
import { type Packet, tosOf } from '../packet.ts';
import { isOfOneLink } from '../routing/address-kinds.ts';
import type { RouteQuery } from '../routing.ts';

/** The route of what came in (ip_route_input_slow, ip6_route_input). */
export function inputQuery(packet: Packet, inInterface: string | null = null): RouteQuery {
  return new InputQuery(packet, inInterface);
}

/** What it does not look at is not asked of the packet: a walk of many packets at once is told what an answer depends on. */
class InputQuery implements RouteQuery {
  readonly #packet: Packet;
  /** In place of the packet's own. */
  readonly #by: string | null;

  constructor(packet: Packet, by: string | null) {
    this.#packet = packet;
    this.#by = by;
  }

  get destination(): Address {
    return this.#packet.destination.address;
  }
  get source(): Address {
    return this.#packet.source.address;
  }
  get inInterface(): string {
    return this.#by ?? this.#packet.inInterface;
  }
  get mark(): number {
    return this.#packet.mark;
  }
  get tos(): number | null {
    return tosOf(this.#packet);
  }
  get flow(): Flow {
    return flowOf(this.#packet);
  }
  get preferred(): string | null {
    return this.#packet.family === 'ip6' ? this.#packet.inInterface : null;
  }
  get strict(): boolean {
    return this.#packet.family === 'ip6' && isOfOneLink(this.#packet.destination.address);
  }
}

/** The route of what the node itself sends; when OUTPUT changed it, it is asked anew without its ports (ip_route_me_harder). */
export function outputQuery(packet: Packet, isAnew: boolean): RouteQuery {
  const { destination, source, mark } = packet;
  return {
    destination: destination.address,
    source: source.address,
    inInterface: null,
    mark,
    tos: tosOf(packet),
    fromSocket: true,
    get flow() {
      return isAnew ? null : flowOf(packet);
    },
  };
}

/** The route back to the sender (__fib_validate_source): it would come in by the interface that the packet leaves by. */
export function backQuery(packet: Packet, to: Address | null, outInterface: string | null, mark: number): RouteQuery {
  return new BackQuery(packet, to, outInterface, mark);
}

class BackQuery implements RouteQuery {
  readonly #packet: Packet;
  readonly source: Address | null;
  readonly inInterface: string | null;
  readonly mark: number;

  constructor(packet: Packet, to: Address | null, outInterface: string | null, mark: number) {
    this.#packet = packet;
    this.source = to;
    this.inInterface = outInterface;
    this.mark = mark;
  }

  get destination(): Address {
    return this.#packet.source.address;
  }
  get tos(): number | null {
    return tosOf(this.#packet);
  }
  get flow(): Flow {
    const { protocol, sourcePort, destinationPort } = flowOf(this.#packet);
    return { protocol, sourcePort: destinationPort, destinationPort: sourcePort };
  }
}

type Flow = NonNullable<RouteQuery['flow']>;

/** Where ports stand that policy rules look at: DCCP, TCP, UDP, SCTP, UDP-Lite, and the numbers of IPsec that the dissector takes for some. */
const withPorts: ReadonlySet<number> = new Set([6, 17, 33, 50, 51, 132, 136]);

/** A fragment shows no ports (__skb_flow_dissect). */
function flowOf({ protocol, source, destination, fragmentOffset, moreFragments }: Packet): Flow {
  if (!withPorts.has(protocol) || fragmentOffset > 0 || moreFragments) return { protocol, sourcePort: 0, destinationPort: 0 };
  return { protocol, sourcePort: source.port, destinationPort: destination.port };
}
