import { type Address, maskOf } from '#facts/address.ts';
import type { InterfaceAddress, Link } from '#facts/network.ts';
import type { Reading } from '#facts/result.ts';

/**
 * The interface's own primary address of global scope, preferably one whose subnet the next hop is in, else the first of any interface, in the order
 * of interfaces (inet_select_addr in net/ipv4/devinet.c).
 */
export function sourceAddress4(
  addresses: readonly InterfaceAddress[],
  links: Reading<readonly Link[]>,
  outInterface: string,
  nextHop: Address,
): Address | 'none' | null {
  const four = addresses.filter(({ address }) => address.family === 'ip');
  const primary = four.filter((each, i) => each.scope === 'global' && !isSecondary(each, four.slice(0, i)));
  const own = primary.filter((each) => each.interface === outInterface);
  const near = own.find((each) => sharesSubnet(each, nextHop));
  if (near !== undefined || own[0] !== undefined) return (near ?? own[0])?.address ?? 'none';
  if (links.kind === 'missing') return null;
  const first = links.value.toSorted((a, b) => a.index - b.index).find(({ name }) => primary.some((each) => each.interface === name));
  return first === undefined ? 'none' : (primary.find((each) => each.interface === first.name)?.address ?? 'none');
}

/** One in the subnet of an earlier address of the interface is secondary, and is not chosen (inet_insert_ifa). */
function isSecondary(each: InterfaceAddress, before: readonly InterfaceAddress[]): boolean {
  return before.some((other) => other.interface === each.interface && other.bits === each.bits && sharesSubnet(other, netOf(each)));
}

/** ifa_address, by which subnets are compared, is the far end's where there is one. */
const netOf = ({ address, peer }: InterfaceAddress): Address => peer ?? address;

function sharesSubnet(each: InterfaceAddress, address: Address): boolean {
  const mask = maskOf('ip', each.bits)[0] as number;
  return (((netOf(each).words[0] as number) ^ (address.words[0] as number)) & mask) === 0;
}
