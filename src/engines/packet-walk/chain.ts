import type { Backend } from '#facts/rule.ts';
import type { Op } from './op.ts';
import type { Packet } from './packet.ts';
import type { RuleVerdict } from './verdict.ts';

/** A rule as the walk runs it: xt matches and target, or nft expressions, each an operation. */
export interface WalkRule {
  /** 1-based position in its chain. */
  readonly index: number;
  readonly line: number;
  readonly text: string;
  readonly packets: number | null;
  readonly ops: readonly Op[];
  /** What `ops` run, side by side: the interpreter's inner loop. */
  readonly runs: readonly Op['run'][];
  /** Bits of `field`, and of marks, that the rule may look at. */
  readonly reads: number;
  readonly markReads: number;
  /** It changes something before it asks: the machine has to be kept as it was before the rule. */
  readonly guarded: boolean;
  /** It changes something before it looks at addresses or ports, which may tell siblings apart. */
  readonly guardedForSiblings: boolean;
  /** It asks and then acts, or was found to do so: segments end before it. */
  isOpen: boolean;
  /** Its conditions only look, and its last operation sends the packet to one address. */
  sends: Op['sendsTo'] | null;
  /** The jump that it made last, nearly always the only one, and where that led. */
  jumpsBy: RuleVerdict | null;
  jumpsTo: WalkChain | null;
  /** What ends the rule, in a word, for rules that say nothing else: `continue`. */
  readonly effect: string;
}

export interface WalkTable {
  readonly backend: Backend;
  /** As the rules' owner names it: `ip`, `ip6`, `inet`, `bridge`, `netdev`. */
  readonly family: string;
  readonly name: string;
  /** File in the snapshot. */
  readonly source: string;
  readonly chain: (name: string) => WalkChain | null;
}

export interface WalkChain {
  readonly name: string;
  readonly table: WalkTable;
  /** Null for chains that no hook calls. */
  readonly policy: 'accept' | 'drop' | null;
  readonly packets: number | null;
  readonly line: number;
  readonly ruleCount: number;
  /** By 0-based position; compiled on first use. Undefined past the end. */
  readonly rule: (position: number) => WalkRule | undefined;
  /** Those that have been compiled so far. */
  readonly compiled: readonly (WalkRule | undefined)[];
  /** Rules may be skipped: `nextPosition` says to which. */
  readonly isIndexed: boolean;
  readonly nextPosition: (from: number, packet: Packet) => number;
  /** Rules are found by an address or port of the packet. */
  readonly looksAtEnds: boolean;
}
