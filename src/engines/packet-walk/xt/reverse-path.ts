import type { Match } from '#facts/rule.ts';
import type { Machine } from '../machine.ts';
import { field, type Op, openTest } from '../op.ts';
import { type Packet, tosOf } from '../packet.ts';
import { isLimitedBroadcast, isLinkLocal, isLocalMulticast, isMapped, isMulticast, isUnspecified } from '../routing/address-kinds.ts';
import { usesInterface } from '../routing/choose-route.ts';
import type { RouteQuery } from '../routing.ts';
import type { RuleContext } from './rule-context.ts';
import { isTold } from './told.ts';

type ReversePath = Extract<Match, { readonly kind: 'reverse-path' }>;

/** ipt_rpfilter.c, ip6t_rpfilter.c: the route back to the source must leave by the interface that the packet came in on. */
export function reversePathOp(match: ReversePath, context: RuleContext): Op {
  const markReads = match.validMark ? 0xffffffff : 0;
  return openTest(
    field.tuple | field.tos,
    (machine) => {
      const found = passes(match, machine);
      return typeof found === 'string' ? isTold(machine, `match rpfilter: ${found}`, context, 'rpfilter') : found !== match.inverted;
    },
    markReads,
  );
}

/** A string: why nobody can tell. */
function passes(match: ReversePath, machine: Machine): boolean | string {
  const { packet, model } = machine;
  if (packet.inInterface === 'lo' || hasNoSource(packet.source.address, packet.destination.address)) return true;
  const query = packet.family === 'ip' ? new Query4(packet, match.validMark) : query6(match, machine);
  const found = model.routing.lookup(query);
  if (found.kind === 'missing') return found.because;
  if (found.kind === 'none') return false;
  const { route } = found;
  if (route.type === 'local')
    return match.acceptLocal && (packet.family === 'ip6' || match.loose || usesInterface(route, packet.inInterface));
  return route.type === 'unicast' && (match.loose || usesInterface(route, packet.inInterface));
}

/** `::` is let through, and 0.0.0.0/8 to who listens to everybody. */
function hasNoSource(source: RouteQuery['destination'], destination: RouteQuery['destination']): boolean {
  if (!isUnspecified(source)) return false;
  return source.family === 'ip6' || isLimitedBroadcast(destination) || isLocalMulticast(destination);
}

class Query4 implements RouteQuery {
  readonly #packet: Packet;
  readonly #validMark: boolean;
  readonly inInterface = null;
  readonly ignoresLinkState = true;

  constructor(packet: Packet, validMark: boolean) {
    this.#packet = packet;
    this.#validMark = validMark;
  }

  get destination(): RouteQuery['destination'] {
    return this.#packet.source.address;
  }
  /** Asked of the packet only where a policy rule wants to know. */
  get source(): RouteQuery['source'] {
    const to = this.#packet.destination.address;
    return isMulticast(to) || isLimitedBroadcast(to) || isUnspecified(to) ? null : to;
  }
  get mark(): number {
    return this.#validMark ? this.#packet.mark : 0;
  }
  get tos(): number | null {
    return tosOf(this.#packet);
  }
}

function query6({ validMark, loose }: ReversePath, { packet }: Machine): RouteQuery {
  const to = packet.destination.address;
  const from = packet.source.address;
  const byLink = isLinkLocal(from);
  return {
    destination: from,
    get source() {
      return isMulticast(to) || isUnspecified(to) || isMapped(to) ? null : to;
    },
    inInterface: null,
    outInterface: byLink || !loose ? packet.inInterface : null,
    byDevice: true,
    strict: byLink,
    mark: validMark ? packet.mark : 0,
    tos: tosOf(packet),
    flow: { protocol: packet.protocol, sourcePort: 0, destinationPort: 0 },
  };
}
