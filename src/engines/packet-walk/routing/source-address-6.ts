import { type Address, parsePrefix, prefixContains, sameAddress } from '#facts/address.ts';
import type { InterfaceAddress, Link } from '#facts/network.ts';
import type { Reading } from '#facts/result.ts';
import type { Settings } from '../way/settings.ts';
import { isLoopback, isMapped, isMulticast, scopeOf6 } from './address-kinds.ts';

interface Question {
  readonly outInterface: string;
  readonly destination: Address;
  readonly settings: Settings;
}

/**
 * RFC 6724 as the kernel has it (ipv6_dev_get_saddr in net/ipv6/addrconf.c): the best by the first rule that tells two apart; of equal ones the first, by
 * the order of interfaces and then that of their addresses.
 */
export function sourceAddress6(
  addresses: readonly InterfaceAddress[],
  links: Reading<readonly Link[]>,
  question: Question,
): Address | 'none' | null {
  const { destination, outInterface, settings } = question;
  const candidates = addresses.filter(
    ({ address, flags }) =>
      address.family === 'ip6' && !isMulticast(address) && (!flags?.includes('tentative') || flags.includes('optimistic')),
  );
  // What settings decide of these two is not in every snapshot.
  if (candidates.some(({ flags }) => flags?.includes('temporary') || flags?.includes('optimistic'))) return null;
  const onlyOwn = scopeOf6(destination) <= 2 || settings.at(`net.ipv6.conf.${outInterface}.use_oif_addrs_only`) === 1;
  const own = onlyOwn || isMulticast(destination) ? candidates.filter((each) => each.interface === outInterface) : candidates;
  const ordered = inOrderOfLinks(own, links);
  if (ordered === null) return null;
  return (
    ordered.reduce<InterfaceAddress | null>((best, each) => (best === null || isBetter(each, best, question) ? each : best), null)
      ?.address ?? 'none'
  );
}

function inOrderOfLinks(list: readonly InterfaceAddress[], links: Reading<readonly Link[]>): readonly InterfaceAddress[] | null {
  if (new Set(list.map((each) => each.interface)).size <= 1) return list;
  if (links.kind === 'missing') return null;
  const index = new Map(links.value.map((link) => [link.name, link.index]));
  return list.toSorted((a, b) => (index.get(a.interface) ?? 0) - (index.get(b.interface) ?? 0));
}

function isBetter(each: InterfaceAddress, best: InterfaceAddress, question: Question): boolean {
  for (const score of scores) {
    const difference = score(each, question) - score(best, question);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

type Score = (each: InterfaceAddress, question: Question) => number;

/** In the order of the kernel's rules: same address, scope, not deprecated, interface, label, ORCHID, longest common prefix. */
const scores: readonly Score[] = [
  ({ address }, { destination }) => Number(sameAddress(address, destination)),
  ({ address }, { destination }) => {
    const scope = scopeOf6(address);
    return scope >= scopeOf6(destination) ? -scope : scope - 128;
  },
  ({ address, flags }) => Number(isLoopback(address) || isMapped(address) || !flags?.includes('deprecated')),
  (each, { outInterface }) => Number(each.interface === outInterface),
  ({ address }, { destination }) => Number(labelOf(address) === labelOf(destination)),
  ({ address }, { destination }) => Number(isOrchid(address) === isOrchid(destination)),
  ({ address, bits }, { destination }) => Math.min(commonBits(address, destination), bits),
];

/** The policy table that the kernel begins with (net/ipv6/addrlabel.c); `ip addrlabel` could change it. */
const labels = (
  [
    ['::1/128', 0],
    ['::ffff:0:0/96', 4],
    ['::/96', 3],
    ['2001:10::/28', 7],
    ['2001::/32', 6],
    ['2002::/16', 2],
    ['3ffe::/16', 12],
    ['fec0::/10', 11],
    ['fc00::/7', 5],
    ['::/0', 1],
  ] as const
).map(([text, label]) => ({ prefix: parsePrefix(text), label }));

function labelOf(address: Address): number {
  return labels.find(({ prefix }) => prefix !== null && prefixContains(prefix, address))?.label ?? 1;
}

const orchid = parsePrefix('2001:10::/28');
const isOrchid = (address: Address): boolean => orchid !== null && prefixContains(orchid, address);

function commonBits(a: Address, b: Address): number {
  for (let i = 0; i < 4; i++) {
    const differing = (a.words[i] as number) ^ (b.words[i] as number);
    if (differing !== 0) return i * 32 + Math.clz32(differing);
  }
  return 128;
}
