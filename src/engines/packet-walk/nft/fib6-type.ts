import type { Address } from '#facts/address.ts';
import { sameAddress } from '#facts/address.ts';
import type { Machine } from '../machine.ts';

/** RTN_* of include/uapi/linux/rtnetlink.h. */
const type = { unspecified: 0, unicast: 1, local: 2, anycast: 4, multicast: 5, blackhole: 6, unreachable: 7, prohibit: 8 } as const;

/**
 * The type of an IPv6 address by a whole route look-up (__nft_fib6_eval_type in net/ipv6/netfilter/nft_fib_ipv6.c). With a device an address
 * is local if it stands on that device. A text says why it is not known.
 */
export function fib6Type(address: Address, device: string, withMark: boolean, machine: Machine): number | string {
  const { packet, model } = machine;
  if (isLinkLocal6(address)) return 'link-local addresses are not modelled';
  const other = address === packet.destination.address ? packet.source.address : packet.destination.address;
  const answer = model.routing.lookup({ destination: address, source: other, inInterface: 'lo', mark: withMark ? packet.mark : 0 });
  if (answer.kind === 'missing') return answer.because;
  if (answer.kind === 'none') return type.unreachable;
  const { route } = answer;
  if (route.type === 'blackhole') return type.blackhole;
  if (route.type === 'prohibit') return type.prohibit;
  if (route.type === 'unreachable') return type.unreachable;
  if (route.type === 'anycast') return type.anycast;
  const onDevice = device === '' ? route.type === 'local' : isOn(device, address, machine);
  if (onDevice === null) return 'addresses are not in the snapshot';
  if (onDevice) return type.local;
  return (address.words[0] as number) >>> 24 === 0xff ? type.multicast : type.unicast;
}

function isOn(device: string, address: Address, { model }: Machine): boolean | null {
  const { addresses } = model.routing;
  if (addresses.kind === 'missing') return null;
  return addresses.value.some((each) => each.interface === device && sameAddress(each.address, address));
}

export function isLinkLocal6({ words, family }: Address): boolean {
  return family === 'ip6' && (words[0] as number) >>> 22 === 0xfe80 >>> 6;
}
