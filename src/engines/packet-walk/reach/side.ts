import { type Address, type Family, sameAddress } from '#facts/address.ts';
import type { End } from '../packet.ts';
import { allHave, type Bits, hasBit, none, withBit } from './bits.ts';
import type { SideName } from './relation.ts';

/** What of an item can be looked at, as bits; those of destinations are shifted. */
export const slot = { address: 1, port: 2, in: 4, out: 8, routed: 16 } as const;
export const slots = [slot.address, slot.port, slot.in, slot.out, slot.routed] as const;
const width = 5;
export const shiftOf = (side: SideName): number => (side === 'x' ? 0 : width);
export const allSlots = (1 << width) - 1;

/** What the run at hand has looked at. */
export const seen = { bits: 0 };

class SeenAddress implements Address {
  readonly family: Family;
  readonly side: SideName;
  readonly plain: readonly number[];
  readonly #bit: number;

  constructor(side: SideName, { family, words }: Address) {
    this.family = family;
    this.side = side;
    this.plain = words;
    this.#bit = slot.address << shiftOf(side);
  }

  get words(): readonly number[] {
    seen.bits |= this.#bit;
    return this.plain;
  }
}

/** An end that notes who looks at it. To copy it, or its address, is not to look. */
class SeenEnd implements End {
  readonly address: SeenAddress;
  readonly side: SideName;
  readonly id: number;
  readonly plainPort: number | null;
  readonly #bit: number;

  constructor(side: SideName, id: number, { address, port }: End) {
    this.address = new SeenAddress(side, address);
    this.side = side;
    this.id = id;
    this.plainPort = port;
    this.#bit = slot.port << shiftOf(side);
  }

  get port(): number | null {
    seen.bits |= this.#bit;
    return this.plainPort;
  }
}

/** One end of flows at one place of the way: who it is, and all that a packet has of it there. */
export interface Item {
  readonly id: number;
  /** Of whom the flow began, or to whom it was sent. */
  readonly endpoint: number;
  /** In the packet now; when the flow began; as rewritten. */
  readonly end: SeenEnd;
  readonly original: SeenEnd;
  readonly translated: SeenEnd;
  readonly in: string;
  readonly out: string;
  readonly routed: string;
  /** The next hop of that route; null: the other end itself. */
  readonly gateway: Address | null;
}

export interface Change {
  readonly end?: number;
  readonly original?: number;
  readonly translated?: number;
  readonly in?: string;
  readonly out?: string;
  readonly routed?: string;
  readonly gateway?: Address | null;
}

/** Ends by value. */
export class Ends {
  readonly #all: End[] = [];
  readonly #ids = new Map<string, number>();
  readonly #addressIds: number[] = [];
  readonly #byAddress = new Map<string, number>();

  /** The same number for the same address and port. What is not plain counts as looked at: its value becomes part of the outcome. */
  idOf(end: End): number {
    if (end instanceof SeenEnd) {
      seen.bits |= (slot.address | slot.port) << shiftOf(end.side);
      return end.id;
    }
    const { address } = end;
    // A copy of an end with another address has left its port behind.
    const left = (end as Partial<SeenEnd>).plainPort;
    const port = end.port ?? left ?? null;
    if (left !== undefined) seen.bits |= (slot.port << shiftOf('x')) | (slot.port << shiftOf('y'));
    const words = address instanceof SeenAddress ? address.plain : address.words;
    if (address instanceof SeenAddress) seen.bits |= slot.address << shiftOf(address.side);
    const of = textOf(words);
    const key = `${of} ${port}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#all.length;
      this.#all.push({ address: { family: address.family, words }, port });
      this.#ids.set(key, id);
      this.#addressIds.push(this.#addressId(of));
    }
    return id;
  }

  #addressId(text: string): number {
    let id = this.#byAddress.get(text);
    if (id === undefined) {
      id = this.#byAddress.size;
      this.#byAddress.set(text, id);
    }
    return id;
  }

  /** The same number for ends of one address. */
  addressOf(id: number): number {
    return this.#addressIds[id] as number;
  }

  at(id: number): End {
    return this.#all[id] as End;
  }
}

/** All items of one side that a run has met. */
export class Side {
  readonly name: SideName;
  readonly items: Item[] = [];
  /** By item: its endpoint, and which of its three ends are one and the same, for rules can tell (`--ctstate DNAT`). */
  readonly endpoints: number[] = [];
  readonly patterns: number[] = [];
  readonly ends: Ends;
  /** By endpoint: an endpoint has few items. */
  readonly #ofEndpoint: Item[][] = [];
  readonly #seenEnds = new Map<number, SeenEnd>();
  /** Items by the IPv4 address that their packets have now. */
  readonly #byWord = new Map<number, number[]>();
  /** By slot: the value of each item as a number. */
  readonly #values: Readonly<Record<number, { readonly ids: Map<string | number, number>; readonly of: number[] }>>;

  constructor(name: SideName, ends: Ends) {
    this.name = name;
    this.ends = ends;
    this.#values = Object.fromEntries(slots.map((each) => [each, { ids: new Map(), of: [] }]));
  }

  begin(endpoint: number, end: End): Item {
    const id = this.ends.idOf(end);
    return this.#intern(endpoint, [id, id, id], ['', '', ''], null);
  }

  derive(item: Item, change: Change): Item {
    const { end, original, translated } = change;
    return this.#intern(
      item.endpoint,
      [end ?? item.end.id, original ?? item.original.id, translated ?? item.translated.id],
      [change.in ?? item.in, change.out ?? item.out, change.routed ?? item.routed],
      change.gateway === undefined ? item.gateway : change.gateway,
    );
  }

  /** Those of the members whose packets have this address of IPv4 now. */
  withAddress(word: number, members: Bits): Bits {
    let found = none;
    for (const item of this.#byWord.get(word) ?? []) if (hasBit(members, item)) found = withBit(found, item);
    return found;
  }

  /** The value that all members have in a slot, as a number; -1 where they differ. */
  common(members: Bits, first: number, of: number): number {
    const values = this.#values[of];
    const value = values?.of[first];
    if (values === undefined || value === undefined) return -1;
    return values.ids.size === 1 || allHave(members, value, values.of) ? value : -1;
  }

  #intern(
    endpoint: number,
    [end, original, translated]: readonly [number, number, number],
    [inName, outName, routed]: readonly [string, string, string],
    gateway: Address | null,
  ): Item {
    let own = this.#ofEndpoint[endpoint];
    if (own === undefined) {
      own = [];
      this.#ofEndpoint[endpoint] = own;
    }
    for (let i = own.length - 1; i >= 0; i--) {
      const each = own[i] as Item;
      if (each.end.id !== end || each.original.id !== original || each.translated.id !== translated) continue;
      if (each.in === inName && each.out === outName && each.routed === routed && sameGateway(each.gateway, gateway)) return each;
    }
    const item: Item = {
      id: this.items.length,
      endpoint,
      end: this.#seenEnd(end),
      original: this.#seenEnd(original),
      translated: this.#seenEnd(translated),
      in: inName,
      out: outName,
      routed,
      gateway,
    };
    this.items.push(item);
    this.endpoints.push(endpoint);
    this.patterns.push((end === original ? 1 : 0) | (end === translated ? 2 : 0) | (original === translated ? 4 : 0));
    own.push(item);
    this.#note(item);
    return item;
  }

  #seenEnd(id: number): SeenEnd {
    let found = this.#seenEnds.get(id);
    if (found === undefined) {
      found = new SeenEnd(this.name, id, this.ends.at(id));
      this.#seenEnds.set(id, found);
    }
    return found;
  }

  #note(item: Item): void {
    const [a, b, c] = [item.end, item.original, item.translated];
    const { plain, family } = a.address;
    if (family === 'ip') this.#noteWord(plain[0] as number, item.id);
    const addresses = [a, b, c].map(({ id }) => this.ends.addressOf(id));
    const ports = [a, b, c].map(({ plainPort }) => plainPort ?? -1);
    this.#noteValue(item.id, slot.address, keyOf(addresses));
    this.#noteValue(item.id, slot.port, keyOf(ports));
    this.#noteValue(item.id, slot.in, item.in);
    this.#noteValue(item.id, slot.out, item.out);
    this.#noteValue(item.id, slot.routed, item.gateway === null ? item.routed : `${item.routed} ${item.gateway.words.join('.')}`);
  }

  #noteValue(item: number, of: number, value: string | number): void {
    const values = this.#values[of];
    if (values === undefined) return;
    let id = values.ids.get(value);
    if (id === undefined) {
      id = values.ids.size;
      values.ids.set(value, id);
    }
    values.of[item] = id;
  }

  #noteWord(word: number, item: number): void {
    const known = this.#byWord.get(word);
    if (known === undefined) this.#byWord.set(word, [item]);
    else known.push(item);
  }
}

const textOf = (words: readonly number[]): string => (words.length === 1 ? `${words[0]}` : words.join('.'));
const sameGateway = (a: Address | null, b: Address | null): boolean => a === b || (a !== null && b !== null && sameAddress(a, b));

/** A number where all three are the same, as they mostly are. */
const keyOf = ([a, b, c]: readonly number[]): string | number => (a === b && b === c ? (a as number) : `${a} ${b} ${c}`);
