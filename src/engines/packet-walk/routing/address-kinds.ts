import type { Address } from '#facts/address.ts';

/** What the kernel asks of an address before it looks at any route (include/linux/in.h, __ipv6_addr_type in net/ipv6/addrconf_core.c). */
const first = ({ words }: Address): number => words[0] as number;

export function isMulticast(address: Address): boolean {
  return address.family === 'ip' ? first(address) >>> 28 === 14 : first(address) >>> 24 === 0xff;
}

export function isLoopback({ family, words }: Address): boolean {
  return family === 'ip' ? (words[0] as number) >>> 24 === 127 : words[3] === 1 && words[0] === 0 && words[1] === 0 && words[2] === 0;
}

/** 0.0.0.0 (before Linux 5.3, all of 0.0.0.0/8), or `::`. */
export function isUnspecified(address: Address): boolean {
  const { words } = address;
  return words[0] === 0 && (words.length === 1 || words.every((word) => word === 0));
}

/** 255.255.255.255. */
export function isLimitedBroadcast(address: Address): boolean {
  return address.family === 'ip' && first(address) === 0xffffffff;
}

/** 224.0.0.0/24, which is never forwarded. */
export function isLocalMulticast(address: Address): boolean {
  return address.family === 'ip' && first(address) >>> 8 === 0xe00000;
}

/** fe80::/10. */
export function isLinkLocal(address: Address): boolean {
  return address.family === 'ip6' && first(address) >>> 22 === 0x3fa;
}

/** ::ffff:0:0/96. */
export function isMapped({ family, words }: Address): boolean {
  return family === 'ip6' && words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

/** Destinations of IPv6 that are looked up on one interface only (rt6_need_strict in net/ipv6/route.c). */
export function isOfOneLink(address: Address): boolean {
  return address.family === 'ip6' && (isMulticast(address) || isLinkLocal(address) || isLoopback(address));
}

/** Scopes by __ipv6_addr_src_scope; global where neither link nor site. */
export function scopeOf6(address: Address): number {
  if (isMulticast(address)) return (first(address) >>> 16) & 15;
  if (isLinkLocal(address) || isLoopback(address)) return 2;
  return first(address) >>> 22 === 0x3fb ? 5 : 14;
}
