import type { Address } from '#facts/address.ts';
import type { Machine } from './machine.ts';

/** What an operation of a rule tells its rule. */
export const next = 0;
/** The rule does not match: the next rule follows. */
export const fail = 1;
/** `machine.verdict` says where the packet goes. */
export const stop = 2;
export type Code = typeof next | typeof fail | typeof stop;

/** What rules read and write beside marks, as bits: two chains that share none of it may run in either order. */
export const field = {
  none: 0,
  /** Addresses, ports and whatever else of the headers no rule but NAT and payload statements write. */
  tuple: 1 << 0,
  tos: 1 << 1,
  ttl: 1 << 2,
  connectionMark: 1 << 3,
  /** Whether the packet is tracked, and in which zone. */
  tracking: 1 << 4,
  /** Members of sets that rules add to. */
  sets: 1 << 5,
  priority: 1 << 6,
  packetType: 1 << 7,
  length: 1 << 8,
} as const;

/** One condition or action of a rule, compiled. `run` reads and changes the machine's packet. */
export interface Op {
  readonly run: (machine: Machine) => Code;
  /** It may ask the machine an open question; it asks before it changes anything. */
  readonly asks: boolean;
  /** Bits of `field` that it looks at. */
  readonly reads: number;
  /** Bits of the packet's mark that it looks at. */
  readonly markReads: number;
  /** It changes something: what, it tells the machine (`wrote`) when it runs. */
  readonly writes: boolean;
  /** It does nothing but to ask whether an address of the packet is just this one of IPv4. */
  readonly exactly?: { readonly end: 'source' | 'destination'; readonly word: number };
  /** It does nothing but to ask whether packets with ports, if they are whole and of unknown length, go to just this one. */
  readonly toPort?: number;
  /** It does nothing but to compare the name of the interface that the packet leaves by. */
  readonly comparesOut?: boolean;
  /** Of where the packet goes it looks at nothing. */
  readonly ignoresDestination?: boolean;
  /** It only looks, at the packet and nothing else that a rule has: it may be run again for another packet. */
  readonly isTest?: boolean;
  /** Chance alone decides: the rule goes on with this probability. */
  readonly chance?: number;
  /** Nothing is left to choose: a connection's first packet goes to this address, and to this port or, null, to its own. */
  readonly sendsTo?: { readonly address: Address; readonly port: number | null; readonly effect: string };
}

/** It acts by addresses or ports, or asks what to do: more than segments can. */
export function actsByMore({ isTest, asks, reads }: Op): boolean {
  return isTest !== true && (asks || (reads & field.tuple) !== 0);
}

export function test(reads: number, holds: (machine: Machine) => boolean, markReads = 0): Op {
  return { run: (machine) => (holds(machine) ? next : fail), asks: false, reads, markReads, writes: false, isTest: true };
}

/** A condition that may ask: `holds` answers with the machine's help. */
export function openTest(reads: number, holds: (machine: Machine) => boolean, markReads = 0): Op {
  return { run: (machine) => (holds(machine) ? next : fail), asks: true, reads, markReads, writes: false, isTest: true };
}

/** An action after which the rule goes on. */
export function action(reads: number, act: (machine: Machine) => void, options: { markReads?: number; asks?: boolean } = {}): Op {
  const run = (machine: Machine): Code => {
    act(machine);
    return next;
  };
  return { run, asks: options.asks ?? false, reads, markReads: options.markReads ?? 0, writes: true };
}
