import type { Packet } from './packet.ts';

/** What a rule wants of the packet before anything else, and without any side effect: a rule with another value certainly does not match. */
export interface RuleKey {
  readonly dimension: Dimension;
  /** IPv4 addresses as a number, IPv6 ones as their words joined by dots; ports as numbers; interface names whole. */
  readonly value: string | number;
}
export type Dimension = 'source' | 'destination' | 'in' | 'out' | 'destination-port';

const dimensions: readonly Dimension[] = ['destination', 'source', 'in', 'out', 'destination-port'];
/** Chains shorter than this are looked through rule by rule. */
export const worthIndexing = 8;

/**
 * Skips the rules of a long chain that certainly do not match: kube-proxy's KUBE-SERVICES has a rule for each address of a service, Calico's
 * dispatch chains one for each interface. A walk is the same as without it; the kernel has to look at each rule.
 */
export class ChainIndex {
  readonly #dimension: Dimension;
  readonly #positions = new Map<string | number, number[]>();
  /** Positions of rules that may match any value. */
  readonly #others: number[] = [];
  readonly #length: number;

  constructor(dimension: Dimension, keys: readonly (RuleKey | undefined)[]) {
    this.#dimension = dimension;
    this.#length = keys.length;
    for (const [position, key] of keys.entries()) {
      if (key === undefined) {
        this.#others.push(position);
        continue;
      }
      const positions = this.#positions.get(key.value);
      if (positions === undefined) this.#positions.set(key.value, [position]);
      else positions.push(position);
    }
  }

  /** Packets are told apart by an address or a port. */
  get looksAtEnds(): boolean {
    return this.#dimension !== 'in' && this.#dimension !== 'out';
  }

  /** Position of the first rule at or after `from` that may match; the chain's length where none may. */
  next(from: number, packet: Packet): number {
    const value = fieldOf(this.#dimension, packet);
    if (value === null) return from;
    const own = this.#positions.get(value);
    const other = firstFrom(this.#others, from, this.#length);
    return own === undefined ? other : Math.min(other, firstFrom(own, from, this.#length));
  }
}

/** The index by the dimension that most rules name; null for chains where it would not pay. */
export function indexOf(keys: readonly (readonly RuleKey[])[]): ChainIndex | null {
  if (keys.length < worthIndexing) return null;
  const found = dimensions.map((dimension) => keys.map((all) => all.find((key) => key.dimension === dimension)));
  const counts = found.map((column) => column.filter((key) => key !== undefined).length);
  const best = Math.max(...counts);
  if (best < worthIndexing / 2) return null;
  const chosen = counts.indexOf(best);
  return new ChainIndex(dimensions[chosen] as Dimension, found[chosen] as readonly (RuleKey | undefined)[]);
}

/** Null: the packet has no such field, and every rule has to be asked. */
function fieldOf(dimension: Dimension, packet: Packet): string | number | null {
  switch (dimension) {
    case 'destination':
      return addressKey(packet.destination.address.words);
    case 'source':
      return addressKey(packet.source.address.words);
    case 'in':
      return packet.inInterface;
    case 'out':
      return packet.outInterface;
    case 'destination-port':
      // A header that is too short or not there can drop the packet at a rule whose port would not fit (hotdrop in xt_tcpudp.c).
      return packet.fragmentOffset > 0 || packet.length !== null ? null : packet.destination.port;
    default:
      return dimension satisfies never;
  }
}

/** IPv4 has one word and IPv6 four, so that the families never share a key. */
export function addressKey(words: readonly number[]): string | number {
  return words.length === 1 ? (words[0] as number) : words.join('.');
}

/** The first of the ascending positions that is not below `from`. */
function firstFrom(positions: readonly number[], from: number, otherwise: number): number {
  let low = 0;
  for (let high = positions.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((positions[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return positions[low] ?? otherwise;
}
