import { type Address, maskOf } from '#facts/address.ts';
import type { InterfaceAddress, Link } from '#facts/network.ts';
import type { Reading } from '#facts/result.ts';

/**
 * Chooses as inet_select_addr does (net/ipv4/devinet.c): the interface's own primary address of global scope, preferably one whose subnet the
 * next hop is in, else the first of any interface, in the order of interfaces.
 */
export class Sources4 {
  readonly #primary: ReadonlyMap<string, readonly InterfaceAddress[]>;
  /** What an interface without any takes; null: the order of interfaces is not known. */
  readonly #fallback: Address | 'none' | null;

  constructor(addresses: readonly InterfaceAddress[], links: Reading<readonly Link[]>) {
    const four = Map.groupBy(
      addresses.filter(({ address }) => address.family === 'ip'),
      (each) => each.interface,
    );
    this.#primary = new Map([...four].map(([name, own]) => [name, primaryOf(own)]));
    this.#fallback = this.#firstOfAll(links);
  }

  choose(outInterface: string, nextHop: Address): Address | 'none' | null {
    const own = this.#primary.get(outInterface) ?? [];
    return (own.find((each) => sharesSubnet(each, nextHop)) ?? own[0])?.address ?? this.#fallback;
  }

  #firstOfAll(links: Reading<readonly Link[]>): Address | 'none' | null {
    if (![...this.#primary.values()].some((own) => own.length > 0)) return 'none';
    if (links.kind === 'missing') return null;
    const ordered = links.value.toSorted((a, b) => a.index - b.index);
    return ordered.map(({ name }) => this.#primary.get(name)?.[0]).find((first) => first !== undefined)?.address ?? 'none';
  }
}

/** One in the subnet of an earlier address of the interface is secondary (inet_insert_ifa), and is not chosen. */
function primaryOf(own: readonly InterfaceAddress[]): readonly InterfaceAddress[] {
  const subnets = new Set<string>();
  return own.filter((each) => {
    const subnet = `${((netOf(each).words[0] as number) & maskWord(each)) >>> 0}/${each.bits}`;
    const isFirst = !subnets.has(subnet);
    subnets.add(subnet);
    return isFirst && each.scope === 'global';
  });
}

/** ifa_address, by which subnets are compared, is the far end's where there is one. */
const netOf = ({ address, peer }: InterfaceAddress): Address => peer ?? address;
const maskWord = ({ bits }: InterfaceAddress): number => maskOf('ip', bits)[0] as number;

function sharesSubnet(each: InterfaceAddress, address: Address): boolean {
  return (((netOf(each).words[0] as number) ^ (address.words[0] as number)) & maskWord(each)) === 0;
}
