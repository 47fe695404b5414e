import { type Prefix, parsePrefix } from '#facts/address.ts';
import type { IpSet } from '#facts/ipset.ts';
import type { NftExpression, NftRuleset } from '#facts/nft.ts';
import type { Match, Ruleset, Target } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { legacyRulesOf, nftRulesOf } from '../rule-sources.ts';
import { Boundaries } from './boundaries.ts';
import { NftRuleBoundaries } from './nft-boundaries.ts';

/**
 * IPv4 addresses at which something that a packet meets may begin or cease to hold: of two addresses with none of these between them all rules, sets
 * and routes say the same. A text: there are conditions on addresses that are no intervals.
 */
export function sourceBoundaries(snapshot: Snapshot): readonly number[] | string {
  const found = new Seen();
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

class Seen extends Boundaries {
  /** Blocks that the kernel itself knows: 0/8, and the unspecified address in it, loopback, multicast, broadcast. */
  fixed(): void {
    for (const block of ['0.0.0.0/8', '0.0.0.0/32', '127.0.0.0/8', '224.0.0.0/4', '255.255.255.255/32'])
      this.prefixes([parsePrefix(block)]);
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
      const values = new NftRuleBoundaries(this);
      for (const { elements } of sets.values())
        for (const { key, last } of elements) {
          values.words(key);
          if (last !== null) values.words(last);
        }
    }
  }

  #expressions(all: readonly NftExpression[]): void {
    const rule = new NftRuleBoundaries(this);
    for (const each of all) {
      if (each.kind === 'xt-match') for (const match of each.matches) this.#match(match);
      else if (each.kind === 'xt-target') this.#target(each.target);
      else if (!rule.see(each)) return;
    }
  }
}
