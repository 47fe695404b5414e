import type { WalkChain } from '../chain.ts';
import type { Caller, Machine } from '../machine.ts';
import { bindDestination, type NatChoice } from '../nat.ts';
import type { Op } from '../op.ts';
import type { Packet } from '../packet.ts';
import { leave } from '../run-rule.ts';
import type { SeriesPlace, Stand } from '../series.ts';
import type { Touched } from '../touched.ts';
import type { ChainEnd } from '../verdict.ts';
import type { PacketLook } from './look.ts';

/** Where a run of rules left the packet. */
export type SegmentEnd =
  | { readonly kind: 'ended'; readonly end: ChainEnd }
  /** NAT gave it this destination, which ends the base chain. */
  | { readonly kind: 'sent'; readonly to: SendsTo }
  /** Behind the last rule of the chain where it began, or at a RETURN of it. */
  | { readonly kind: 'left' }
  /** Before a rule that looks at more than segments do; `callers` are chains that it jumped from on the way, outermost first. */
  | {
      readonly kind: 'stands';
      readonly chain: WalkChain;
      readonly position: number;
      readonly callers: readonly Pick<Caller, 'chain' | 'next'>[];
    }
  | { readonly kind: 'stands in series'; readonly stand: Stand };

export type SendsTo = NonNullable<Op['sendsTo']>;

export interface Write {
  readonly name: PacketLook;
  readonly value: unknown;
}

/** A run of rules that is the same for all packets that are alike in what it looked at. */
export interface Segment {
  readonly isFan: false;
  /** How many rules were looked at. */
  readonly rules: number;
  /** How many jumps stood inside each other at most. */
  readonly depth: number;
  readonly writes: readonly Write[];
  readonly touched: Touched;
  readonly end: SegmentEnd;
}

/** Does to the machine what the rules would have done. Null: the machine goes on where it now stands. */
export function doSegment({ writes, touched, end }: Segment, machine: Machine): ChainEnd | null {
  for (let i = 0; i < writes.length; i++) write(machine.packet, writes[i] as Write);
  addTouched(machine.touched, touched);
  switch (end.kind) {
    case 'ended':
      return end.end;
    case 'sent':
      bindDestination(machine, choiceOf(end.to), end.to.effect);
      return 'accept';
    case 'left':
      return leave(machine);
    case 'stands':
      for (let i = 0; i < end.callers.length; i++) {
        const { chain, next } = end.callers[i] as Pick<Caller, 'chain' | 'next'>;
        machine.caller = { chain, next, up: machine.caller, depth: (machine.caller?.depth ?? 0) + 1 };
      }
      machine.chain = end.chain;
      machine.position = end.position;
      return null;
    case 'stands in series':
      standAt(end.stand, machine);
      return null;
    default:
      return end satisfies never;
  }
}

export function standAt(stand: Stand, machine: Machine): void {
  const { group, member } = stand.series.places[stand.at] as SeriesPlace;
  machine.group = group;
  machine.member = member;
  machine.chain = stand.chain;
  machine.position = stand.position;
  machine.caller = stand.caller;
  machine.stand = stand;
}

/** What was written before is not looked at as it came. */
export function addTouched(own: Touched, { reads, markReads, writes, markWrites }: Touched): void {
  own.reads |= reads;
  own.markReads |= markReads & ~own.markWrites;
  own.writes |= writes;
  own.markWrites |= markWrites;
}

function choiceOf({ address, port }: SendsTo): NatChoice {
  return { first: address, last: address, ports: port === null ? null : { first: port, last: port }, randomPort: false };
}

function write(packet: Packet, { name, value }: Write): void {
  if (name === 'mark') packet.mark = value as number;
  else (packet as { -readonly [K in keyof Packet]: unknown })[name] = value;
}
