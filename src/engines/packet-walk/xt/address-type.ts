import type { Address } from '#facts/address.ts';
import type { Match } from '#facts/rule.ts';
import type { Machine } from '../machine.ts';
import { field, type Op, openTest } from '../op.ts';
import { isMapped, isMulticast, isUnspecified } from '../routing/address-kinds.ts';
import type { RuleContext } from './rule-context.ts';
import { isTold } from './told.ts';

type AddressType = Extract<Match, { readonly kind: 'address-type' }>;

/** The types of an address by the routes, on one interface where the match limits it (xt_addrtype.c). */
export function addressTypeOp(match: AddressType, context: RuleContext): Op {
  const { negated, side, limit } = match;
  return openTest(field.tuple, (machine) => {
    const { packet } = machine;
    const { address } = side === 'source' ? packet.source : packet.destination;
    const on = limit === null ? null : limit === 'in' ? packet.inInterface : packet.outInterface;
    const found = address.family === 'ip' ? fits4(address, on, match, machine) : fits6(address, on, match, machine);
    return typeof found === 'string' ? isTold(machine, `match addrtype: ${found}`, context, side) : found !== negated;
  });
}

/** A string: why nobody can tell. The hook has no such interface: any will do. */
function fits4(address: Address, on: string | null, { types }: AddressType, { model }: Machine): boolean | string {
  const type = model.routing.addressType(address, on || null);
  return typeof type === 'object' ? type.because : types.includes(type.toUpperCase());
}

/** match_type6: what the address itself says, each type that is asked for; and of what the routes say, any. */
function fits6(address: Address, on: string | null, { types }: AddressType, machine: Machine): boolean | string {
  if (types.includes('MULTICAST') && !isMulticast(address)) return false;
  if (types.includes('UNICAST') && (isMulticast(address) || isUnspecified(address) || isMapped(address))) return false;
  if (types.includes('UNSPEC') && !isUnspecified(address)) return false;
  if (!types.some((type) => type === 'LOCAL' || type === 'ANYCAST' || type === 'UNREACHABLE')) return true;
  const found = byRoutes6(address, on || null, machine);
  return typeof found === 'string' ? found : found.some((type) => types.includes(type));
}

/** match_lookup_rt6: what is reached by no route is UNREACHABLE and nothing else. */
function byRoutes6(address: Address, on: string | null, { model: { routing } }: Machine): readonly string[] | string {
  const query = { destination: address, source: null, inInterface: null, outInterface: on, strict: on !== null, mark: 0 };
  const found = routing.lookup(query);
  if (found.kind === 'missing') return found.because;
  const own = on === null ? null : routing.isConfigured(address, on);
  if (found.kind === 'none' || refuses.has(found.route.type)) return ['UNREACHABLE'];
  if (on !== null && own === null) return "the node's addresses are not in the snapshot";
  const { type, destination, gateway, multipath } = found.route;
  const isLocal = on === null ? type === 'local' : own === true;
  // The first address of a subnet is its routers' anycast address (ipv6_anycast_destination).
  const firstOfSubnet =
    (destination.bits ?? 128) < 127 && gateway === null && !multipath && destination.words.every((word, i) => word === address.words[i]);
  return [...(isLocal ? ['LOCAL'] : []), ...(type === 'anycast' || firstOfSubnet ? ['ANYCAST'] : [])];
}

const refuses: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit', 'throw', 'other']);
