import type { Address } from '#facts/address.ts';
import type { Match } from '#facts/rule.ts';
import type { Machine } from '../machine.ts';
import { field, type Op, openTest } from '../op.ts';
import type { RuleContext } from './rule-context.ts';
import { isTold } from './told.ts';

const modelled: ReadonlySet<string> = new Set(['LOCAL', 'UNICAST', 'BROADCAST', 'MULTICAST']);

/** The types of an address by the local table, on one interface where the match limits it and the hook has one (xt_addrtype.c). */
export function addressTypeOp(match: Extract<Match, { readonly kind: 'address-type' }>, context: RuleContext): Op {
  const { types, negated, side, limit } = match;
  const strange = types.find((type) => !modelled.has(type));
  return openTest(field.tuple, (machine) => {
    const { routes } = machine.model.snapshot;
    if (routes.kind === 'missing') return isTold(machine, `match addrtype: ${routes.because}`, context, side);
    if (strange !== undefined) return isTold(machine, `match addrtype ${strange} is not modelled`, context, side);
    const { packet } = machine;
    const { address } = side === 'source' ? packet.source : packet.destination;
    const on = limit === null ? null : (limit === 'in' ? packet.inInterface : packet.outInterface) || null;
    const type = addressType(address, on, machine);
    const fits = address.family === 'ip' ? types.includes(type) : types.every((wanted) => isOfType6(wanted, type));
    return fits !== negated;
  });
}

/** IPv6 wants every type named, and an address of the node itself is UNICAST as well as LOCAL (match_type6 in xt_addrtype.c). */
function isOfType6(wanted: string, type: string): boolean {
  return wanted === type || (wanted === 'UNICAST' && type === 'LOCAL');
}

/** inet_dev_addr_type in net/ipv4/fib_frontend.c. */
export function addressType(address: Address, onInterface: string | null, machine: Machine): string {
  const first = (address.words[0] as number) >>> 24;
  if (address.family === 'ip' && (first === 0 || address.words[0] === 0xffffffff)) return 'BROADCAST';
  if (address.family === 'ip' ? first >> 4 === 14 : first === 255) return 'MULTICAST';
  const route = machine.model.routing.inTable(address.family, 'local', address);
  if (route === null || (onInterface !== null && route.interface !== onInterface)) return 'UNICAST';
  return route.type === 'local' || route.type === 'broadcast' || route.type === 'multicast' ? route.type.toUpperCase() : 'UNICAST';
}
