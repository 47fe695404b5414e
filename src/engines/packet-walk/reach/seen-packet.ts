import type { Connection, End, Packet } from '../packet.ts';
import type { SideName } from './relation.ts';
import { type Item, seen, shiftOf, slot } from './side.ts';

/** All of a packet but its ends and interfaces: what every pair of a class has in common. */
export type Plain = Omit<Packet, 'source' | 'destination' | 'inInterface' | 'outInterface' | 'connection'>;
export type PlainConnection = Omit<Connection, 'original' | 'translated'>;

/** Who stands at an end of the packet at hand, and what the run has written. */
export class Cursor {
  readonly isRequest: boolean;
  /** The reply is the first packet of a flow of its own: the connection runs from destination to source. */
  readonly isReversed: boolean;
  readonly connection: PlainConnection;
  x!: Item;
  y!: Item;
  source!: End;
  destination!: End;
  in = '';
  out = '';
  /** Written, though perhaps to what this pair had already: others may have had something else. */
  wroteIn = false;
  wroteOut = false;
  whole: Connection | null = null;

  constructor({ leg, direction }: Plain, connection: PlainConnection) {
    this.isRequest = leg === 'request';
    this.isReversed = isReversed(leg, direction);
    this.connection = connection;
  }

  stand(x: Item, y: Item): void {
    this.x = x;
    this.y = y;
    this.source = this.isRequest ? x.end : y.end;
    this.destination = this.isRequest ? y.end : x.end;
    this.in = this.isRequest ? x.in : y.in;
    this.out = this.isRequest ? y.out : x.out;
    this.wroteIn = false;
    this.wroteOut = false;
    this.whole = null;
  }

  /** The same with one side only changed. */
  standX(x: Item): void {
    this.x = x;
    if (this.isRequest) {
      this.source = x.end;
      this.in = x.in;
    } else {
      this.destination = x.end;
      this.out = x.out;
    }
    this.whole = null;
  }

  standY(y: Item): void {
    this.y = y;
    if (this.isRequest) {
      this.destination = y.end;
      this.out = y.out;
    } else {
      this.source = y.end;
      this.in = y.in;
    }
    this.whole = null;
  }

  /** By which side the packet comes in; it leaves by the other. */
  get arriving(): SideName {
    return this.isRequest ? 'x' : 'y';
  }
}

export const isReversed = (leg: Packet['leg'], direction: Packet['direction']): boolean => leg === 'reply' && direction === 'ORIGINAL';

/**
 * A packet of any pair of a class. Its ends note who looks at them, so that a run over it tells for which other pairs it would go the same way.
 * The fields that are not here are assigned to it.
 */
export class SeenPacket {
  readonly #cursor: Cursor;
  readonly #inBit: number;
  readonly #outBit: number;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    this.#inBit = slot.in << shiftOf(cursor.arriving);
    this.#outBit = slot.out << shiftOf(cursor.arriving === 'x' ? 'y' : 'x');
  }

  get source(): End {
    return this.#cursor.source;
  }
  set source(end: End) {
    this.#cursor.source = end;
  }
  get destination(): End {
    return this.#cursor.destination;
  }
  set destination(end: End) {
    this.#cursor.destination = end;
  }
  get inInterface(): string {
    seen.bits |= this.#inBit;
    return this.#cursor.in;
  }
  set inInterface(name: string) {
    this.#cursor.in = name;
    this.#cursor.wroteIn = true;
  }
  get outInterface(): string {
    seen.bits |= this.#outBit;
    return this.#cursor.out;
  }
  set outInterface(name: string) {
    this.#cursor.out = name;
    this.#cursor.wroteOut = true;
  }
  get connection(): Connection {
    const cursor = this.#cursor;
    if (cursor.whole === null) {
      const [from, to] = cursor.isReversed ? [cursor.y, cursor.x] : [cursor.x, cursor.y];
      cursor.whole = {
        ...cursor.connection,
        original: { source: from.original, destination: to.original },
        translated: { source: from.translated, destination: to.translated },
      };
    }
    return cursor.whole;
  }
  set connection(connection: Connection) {
    this.#cursor.whole = connection;
  }
}

export function seenPacket(plain: Plain, cursor: Cursor): Packet {
  return Object.assign(new SeenPacket(cursor), plain) as unknown as Packet;
}

const keys = new WeakMap<Plain, readonly (keyof Plain)[]>();

export function plainKeys(plain: Plain): readonly (keyof Plain)[] {
  let found = keys.get(plain);
  if (found === undefined) {
    found = Object.keys(plain) as (keyof Plain)[];
    keys.set(plain, found);
  }
  return found;
}
