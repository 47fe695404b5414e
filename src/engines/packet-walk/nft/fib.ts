import type { Address } from '#facts/address.ts';
import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { field } from '../op.ts';
import { usesInterface } from '../routing/choose-route.ts';
import type { RouteAnswer } from '../routing.ts';
import { hostWord } from './bytes.ts';
import type { NftContext } from './context.ts';
import { nameWords } from './device.ts';
import { fib6Type, isLinkLocal6 } from './fib6-type.ts';
import type { Load } from './load.ts';
import type { Registers } from './registers.ts';

type Fib = Extract<NftExpression, { readonly kind: 'fib' }>;

/** RTN_* of include/uapi/linux/rtnetlink.h. */
const routeTypes: Readonly<Record<string, number>> = { unicast: 1, local: 2, broadcast: 3, anycast: 4, multicast: 5 };

/** The forwarding table asked from a rule (net/ipv4/netfilter/nft_fib_ipv4.c, net/ipv6/netfilter/nft_fib_ipv6.c). */
export function fibLoad(fib: Fib, { littleEndian }: NftContext): Load {
  const { to, result, flags } = fib;
  const length = flags.includes('present') ? 1 : result === 'oifname' ? 16 : 4;
  const load = (machine: Machine, registers: Registers): true => {
    if (result === 'type') storeType(fib, machine, registers, littleEndian);
    else storeDevice(fib, machine, registers, littleEndian);
    return true;
  };
  const markReads = flags.includes('mark') ? 0xffffffff : 0;
  return { to, length, reads: field.tuple, markReads, asks: false, scalar: null, load };
}

/** The device that the question is limited to; '' for none. */
function deviceOf({ flags }: Fib, { packet }: Machine): string {
  return flags.includes('iif') ? packet.inInterface : flags.includes('oif') ? packet.outInterface : '';
}

function storeType(fib: Fib, machine: Machine, registers: Registers, littleEndian: boolean): void {
  const { packet, model } = machine;
  const device = deviceOf(fib, machine);
  const { address } = fib.flags.includes('daddr') ? packet.destination : packet.source;
  const type =
    address.family === 'ip'
      ? type4(model.routing.addressType(address, device || null))
      : fib6Type(address, device, fib.flags.includes('mark'), machine);
  if (typeof type === 'number') registers.set(fib.to, hostWord(type, 4, littleEndian));
  else registers.setUnknown(fib.to, 4, `fib: ${type}`);
}

function type4(found: ReturnType<Machine['model']['routing']['addressType']>): number | string {
  return typeof found === 'object' ? found.because : (routeTypes[found] ?? 'a type of route that is not modelled');
}

function storeDevice(fib: Fib, machine: Machine, registers: Registers, littleEndian: boolean): void {
  const { packet } = machine;
  const found = packet.inInterface === 'lo' && receives(machine) ? 'lo' : routed(fib, machine);
  const { to, result, flags } = fib;
  const present = flags.includes('present');
  if (found === null || (found !== '' && !present && result === 'oif' && machine.model.routing.link(found) === null)) {
    const because = 'fib: the route back is not known';
    return registers.setUnknown(to, present ? 1 : result === 'oif' ? 4 : 16, because);
  }
  if (present) return registers.set(to, found === '' ? 0 : 1);
  if (result === 'oif') return registers.set(to, hostWord(machine.model.routing.link(found)?.index ?? 0, 4, littleEndian));
  // Where there is no route the kernel clears the first word only.
  if (found === '') {
    registers.setUnknown(to, 16, 'fib: what the register held before');
    return registers.set(to, 0);
  }
  registers.setWords(to, nameWords(found));
}

const receives = ({ hook }: Machine): boolean => hook === 'prerouting' || hook === 'input';

/** The device of the route; '' where there is none that counts, null where that is not known. */
function routed(fib: Fib, machine: Machine): string | null {
  const { packet, model, hook } = machine;
  const { flags } = fib;
  const wanted = deviceOf(fib, machine);
  if (isUnspecified(packet.source.address)) return null;
  const forDestination = flags.includes('daddr');
  const [about, other] = forDestination
    ? [packet.destination.address, packet.source.address]
    : [packet.source.address, packet.destination.address];
  if (isLinkLocal6(about)) return null;
  const inInterface = !forDestination && hook === 'forward' && flags.includes('iif') ? packet.outInterface : 'lo';
  const answer = model.routing.lookup({
    destination: about,
    // Asked of the packet only where a policy rule wants to know.
    get source() {
      return isPlain(other) ? other : null;
    },
    inInterface,
    mark: flags.includes('mark') ? packet.mark : 0,
  });
  return deviceOfRoute(answer, wanted);
}

/** Only unicast routes count, and with a device given only those by it. */
function deviceOfRoute(answer: RouteAnswer, wanted: string): string | null {
  if (answer.kind === 'missing') return null;
  if (answer.kind === 'none' || answer.route.type !== 'unicast') return '';
  if (wanted !== '') return usesInterface(answer.route, wanted) ? wanted : '';
  return answer.route.interface;
}

function isUnspecified({ words }: Address): boolean {
  return words.length === 1 ? (words[0] as number) >>> 24 === 0 : words.every((word) => word === 0);
}

/** get_saddr: broadcast, multicast and 0.0.0.0/8 are no source to look up with. */
function isPlain({ words, family }: Address): boolean {
  const first = (words[0] as number) >>> 24;
  return family === 'ip' ? first !== 0 && first >> 4 !== 14 && words[0] !== 0xffffffff : first !== 0xff;
}
