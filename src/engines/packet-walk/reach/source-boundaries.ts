import { type Prefix, parsePrefix } from '#facts/address.ts';
import type { IpSet } from '#facts/ipset.ts';
import type { NftExpression, NftRuleset } from '#facts/nft.ts';
import type { Match, Ruleset, Target } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { legacyRulesOf, nftRulesOf } from '../rule-sources.ts';

const end = 2 ** 32;

/**
 * IPv4 addresses at which something that a packet meets may begin or cease to hold: of two addresses with none of these between them all rules, sets
 * and routes say the same. A text: there are conditions on addresses that are no intervals.
 */
export function sourceBoundaries(snapshot: Snapshot): readonly number[] | string {
  const found = new Boundaries();
  found.fixed();
  const { routes, addresses, routingRules, ipsets } = snapshot;
  if (routes.kind === 'read') for (const { destination, source } of routes.value) found.prefixes([destination, hostPrefix(source)]);
  if (addresses.kind === 'read') for (const { address, bits } of addresses.value) found.address(address.words, bits);
  if (routingRules.kind === 'read') for (const { from, to } of routingRules.value) found.prefixes([from, to]);
  if (ipsets.kind === 'read') for (const set of ipsets.value.values()) found.set(set);
  const nft = nftRulesOf(snapshot);
  const listed = snapshot.rulesets.nft.ip;
  if (nft.kind === 'read') found.nft(nft.value);
  else if (listed.kind === 'read') found.xt(listed.value);
  const legacy = legacyRulesOf(snapshot, 'ip');
  if (legacy.kind === 'read') found.xt(legacy.value);
  return found.strange ?? found.sorted();
}

const hostPrefix = (address: { readonly family: 'ip' | 'ip6'; readonly words: readonly number[] } | null): Prefix | null =>
  address === null ? null : { family: address.family, words: address.words, mask: [0xffffffff], bits: 32 };

class Boundaries {
  readonly #all = new Set<number>([0]);
  strange: string | null = null;

  sorted(): readonly number[] {
    return [...this.#all].filter((each) => each < end).toSorted((a, b) => a - b);
  }

  /** Blocks that the kernel itself knows: 0/8, loopback, multicast, broadcast. */
  fixed(): void {
    for (const block of ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/4', '255.255.255.255/32']) this.prefixes([parsePrefix(block)]);
  }

  interval(first: number, last: number): void {
    this.#all.add(first);
    this.#all.add(last + 1);
  }

  prefixes(all: readonly (Prefix | null)[]): void {
    for (const prefix of all) {
      if (prefix === null || prefix.family !== 'ip') continue;
      if (prefix.bits === null) this.strange ??= 'an address mask with gaps';
      else this.block(prefix.words[0] as number, prefix.bits);
    }
  }

  /** An address of an interface: itself, and its subnet, by which a source for masquerading is chosen. */
  address(words: readonly number[], bits: number): void {
    if (words.length !== 1) return;
    this.block(words[0] as number, 32);
    this.block(words[0] as number, bits);
  }

  block(word: number, bits: number): void {
    const size = 2 ** (32 - bits);
    const first = Math.floor(word / size) * size;
    this.interval(first, first + size - 1);
  }

  set({ type, options, family, members }: IpSet): void {
    if (family === 'ip6') return;
    if (/\b(netmask|bitmask)\b/.test(options)) this.strange ??= 'an ipset with a mask of its own';
    if (type.startsWith('bitmap:ip')) this.strange ??= `an ipset of type ${type}`;
    for (const { text } of members)
      for (const part of text.split(',')) {
        const [first, last] = part.split('-').map(parsePrefix);
        if (first !== null && first !== undefined) this.prefixes([first, last ?? null]);
        if (first?.family === 'ip' && last?.family === 'ip') this.interval(first.words[0] as number, last.words[0] as number);
      }
  }

  xt({ tables }: Ruleset): void {
    for (const { chains } of tables.values())
      for (const { rules } of chains.values())
        for (const { matches, target } of rules) {
          for (const match of matches) this.#match(match);
          this.#target(target);
        }
  }

  #match(match: Match): void {
    if (match.kind === 'source' || match.kind === 'destination' || match.kind === 'conntrack-address') this.prefixes([match.prefix]);
    else if (match.kind === 'address-range' && match.first.family === 'ip')
      this.interval(match.first.words[0] as number, match.last.words[0] as number);
  }

  #target(target: Target): void {
    if (target.kind === 'netmap') this.strange ??= 'NETMAP, which makes addresses out of addresses';
  }

  nft({ tables }: NftRuleset): void {
    for (const { family, chains, sets } of tables) {
      if (family !== 'ip' && family !== 'inet') continue;
      for (const { rules } of chains.values()) for (const { expressions } of rules) this.#expressions(expressions);
      for (const { elements } of sets.values())
        for (const { key, last } of elements) {
          this.#value(key, 1);
          if (last !== null) this.#value(last, 1);
        }
    }
  }

  /** Whatever four bytes a rule compares with may be an address; values under a mask are blocks of its size. */
  #expressions(all: readonly NftExpression[]): void {
    let block = 1;
    for (const each of all) {
      if (each.kind === 'compare') this.#value(each.value, block);
      else if (each.kind === 'range') for (const value of [each.first, each.last]) this.#value(value, 1);
      else if (each.kind === 'bitwise') block = this.#mask(each);
      else if (each.kind === 'xt-match') for (const match of each.matches) this.#match(match);
      else if (each.kind === 'xt-target') this.#target(each.target);
      else if (each.kind === 'payload') block = this.#load(each);
      else if (each.kind === 'shift' || each.kind === 'bitwise-registers' || (each.kind === 'hash' && each.type === 'jhash'))
        this.strange ??= `an nft rule that computes with what it loads (${each.kind})`;
      else if (each.kind === 'payload-set') this.strange ??= 'an nft rule that writes into the packet';
      else if (each.kind === 'nat' && each.flags.includes('netmap')) this.strange ??= 'nat of whole prefixes';
    }
  }

  /** Single bytes of an address are no intervals. */
  #load({ base, offset, length }: Extract<NftExpression, { readonly kind: 'payload' }>): number {
    if (base !== 'network' || offset + length <= 12 || offset >= 16) return 1;
    if (offset !== 12 || length > 4) {
      if (offset !== 12 || length !== 8) this.strange ??= 'an nft rule that looks at a part of the source address';
      return 1;
    }
    return 2 ** (8 * (4 - length));
  }

  #mask({ mask, xor }: Extract<NftExpression, { readonly kind: 'bitwise' }>): number {
    if (mask.length !== 4) return 1;
    const word = wordAt(mask, 0);
    const size = 2 ** 32 - word;
    if (xor.every((byte) => byte === 0) && Number.isInteger(Math.log2(size))) return size;
    return 1;
  }

  #value(value: Uint8Array, block: number): void {
    for (let at = 0; at + 4 <= value.length; at += 4) {
      const word = wordAt(value, at);
      this.interval(word, word + block - 1);
    }
    if (value.length > 0 && value.length < 4 && block > 1) {
      const word = value.reduce((sum, byte, i) => sum + byte * 2 ** (24 - 8 * i), 0);
      this.interval(word, word + block - 1);
    }
  }
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) * 2 ** 24 + (((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
