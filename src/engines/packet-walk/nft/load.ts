import type { Machine } from '../machine.ts';
import { fail, next, type Op } from '../op.ts';
import type { Registers } from './registers.ts';

/** What a scalar's `read` gives instead of a value: the load fails (NFT_BREAK), or part of the value is not known. */
export const broken = -1;
export const notKnown = -2;

/** A value of one to four bytes as a number, for comparisons that need no register. */
export interface Scalar {
  readonly length: number;
  /** `network`: the first byte is the highest. `host`: a number of the node's own byte order. */
  readonly order: 'network' | 'host';
  readonly read: (machine: Machine) => number;
}

/** An expression that puts something of the packet, or about it, into registers. */
export interface Load {
  readonly to: number;
  readonly length: number;
  /** Bits of `field`, and of the mark, that it looks at. */
  readonly reads: number;
  readonly markReads: number;
  /** False: the value is not there, and the rule does not match (NFT_BREAK). */
  readonly load: (machine: Machine, registers: Registers) => boolean;
  readonly scalar: Scalar | null;
  /** It asks the machine. */
  readonly asks: boolean;
}

export function loadOp({ load, reads, markReads, asks }: Load): Op {
  return { run: (machine) => (load(machine, machine.registers) ? next : fail), asks, reads, markReads, writes: false };
}
