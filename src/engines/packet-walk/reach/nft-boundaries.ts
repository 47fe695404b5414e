import type { NftExpression, NftRegister } from '#facts/nft.ts';
import type { Boundaries } from './boundaries.ts';

/** IPv4's source and destination in its header; a reply has the source of its request as its destination. */
const addresses = { source: 12, destination: 16, end: 20 } as const;
const addressKeys: ReadonlySet<string> = new Set(['saddr', 'daddr', 'src_ip', 'dst_ip']);
const ipv6 = 10;

/** Where one rule of nf_tables, as far as IPv4 comes to it, changes its mind about an address. */
export class NftRuleBoundaries {
  readonly #found: Boundaries;
  /** By register that holds an address: how many neighbours look the same in it, for their last bits were left out. */
  readonly #held = new Map<NftRegister, number>();
  #protocol: NftRegister | null = null;

  constructor(found: Boundaries) {
    this.#found = found;
  }

  /** False: nothing of IPv4 comes behind it. */
  see(each: NftExpression): boolean {
    if (each.kind === 'compare') return this.#compare(each);
    if (each.kind === 'range') this.#range(each);
    else if (each.kind === 'bitwise') this.#bitwise(each);
    else if (each.kind === 'lookup') this.#lookup(each);
    else if (each.kind === 'shift' || each.kind === 'bitwise-registers' || (each.kind === 'hash' && each.type === 'jhash'))
      this.#strange(`an nft rule that computes with what it loads (${each.kind})`);
    else if ((each.kind === 'byteorder' || each.kind === 'meta-set' || each.kind === 'ct-set') && this.#held.has(each.from))
      this.#strange(`an nft rule that takes an address for something else (${each.kind})`);
    else if (each.kind === 'payload-set') this.#strange('an nft rule that writes into the packet');
    else if (each.kind === 'nat' && each.flags.includes('netmap')) this.#strange('nat of whole prefixes');
    else if ('to' in each && typeof each.to === 'number') this.#load(each, each.to);
    return true;
  }

  #load(each: NftExpression, to: NftRegister): void {
    const words = each.kind === 'payload' ? Math.ceil(each.length / 4) : 4;
    for (let word = 0; word < words; word++) this.#held.delete(to + word);
    if (this.#protocol === to) this.#protocol = null;
    if (each.kind === 'meta' && each.key === 'nfproto') this.#protocol = to;
    else if (each.kind === 'ct' && addressKeys.has(each.key)) this.#held.set(to, 1);
    else if (each.kind === 'payload' && each.base === 'network') this.#payload(each);
  }

  #payload({ offset, length, to }: Extract<NftExpression, { readonly kind: 'payload' }>): void {
    if (offset + length <= addresses.source || offset >= addresses.end) return;
    if (offset === addresses.source && length === 8) {
      this.#held.set(to, 1);
      this.#held.set(to + 1, 1);
    } else if ((offset === addresses.source || offset === addresses.destination) && length <= 4) this.#held.set(to, sizeOf(length));
    else this.#strange('an nft rule that looks at a part of an address');
  }

  #bitwise({ from, to, length, mask, xor }: Extract<NftExpression, { readonly kind: 'bitwise' }>): void {
    const held = this.#held.get(from);
    this.#held.delete(to);
    if (held === undefined) return;
    const size = 2 ** 32 - wordAt(mask, 0);
    if (length > 4 || xor.some((byte) => byte !== 0) || !Number.isInteger(Math.log2(size))) this.#strange('an address mask with gaps');
    else this.#held.set(to, Math.max(held, size));
  }

  #compare({ op, from, value }: Extract<NftExpression, { readonly kind: 'compare' }>): boolean {
    if (from === this.#protocol) return !(op === 'eq' && value[0] === ipv6);
    const held = this.#held.get(from);
    if (held === undefined) this.words(value);
    else if (value.length > 4) this.words(value);
    else {
      const first = wordAt(value, 0);
      this.#found.interval(first, first + Math.max(held, sizeOf(value.length)) - 1);
    }
    return true;
  }

  #range({ from, first, last }: Extract<NftExpression, { readonly kind: 'range' }>): void {
    const held = this.#held.get(from);
    if (held === undefined || first.length > 4) for (const value of [first, last]) this.words(value);
    else this.#found.interval(wordAt(first, 0), wordAt(last, 0) + Math.max(held, sizeOf(last.length)) - 1);
  }

  /** Elements of sets are taken as whole addresses. */
  #lookup({ from, to }: Extract<NftExpression, { readonly kind: 'lookup' }>): void {
    for (const [register, size] of this.#held)
      if (register >= from && size > 1) this.#strange('an nft rule that looks up an address under a mask');
    if (typeof to === 'number') for (let word = 0; word < 4; word++) this.#held.delete(to + word);
  }

  /** Whatever four bytes a rule compares with may be an address. */
  words(value: Uint8Array): void {
    for (let at = 0; at + 4 <= value.length; at += 4) this.#found.interval(wordAt(value, at), wordAt(value, at));
  }

  #strange(because: string): void {
    this.#found.strange ??= because;
  }
}

/** Addresses that share their first bytes. */
const sizeOf = (bytes: number): number => 2 ** (8 * (4 - bytes));

/** In the order of the packet; what is missing is 0. */
const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) * 2 ** 24 + (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
