import type { Undecidable } from '#facts/packet-walk.ts';
import type { Hook } from '#facts/rule.ts';
import type { WalkChain } from './chain.ts';
import type { Series } from './series.ts';

/** What runs at one priority of a hook. */
export type Member =
  | {
      readonly kind: 'chain';
      readonly base: WalkChain;
      /** A chain of type route (iptables' mangle OUTPUT): the packet is routed again where it changed what routing looks at. */
      readonly reroutes: boolean;
      /** Of nf_tables: creation order within its table, the later first; null: not known. */
      readonly handle: number | null;
    }
  /** Fragments are put together (nf_defrag_ipv4.c): before everything else, where conntrack is on. */
  | { readonly kind: 'defragment' }
  /** nf_conntrack_in. */
  | { readonly kind: 'track' }
  /** The end of the nat point: what the connection's first packet decided is done to every packet (nf_nat_packet). */
  | { readonly kind: 'translate' };

export interface Group {
  readonly priority: number;
  /** The group's chains are of type nat: they run for first packets of connections only, until one binds. */
  readonly nat: boolean;
  /** Several: hooks of equal priority, whose order no dump tells. */
  readonly members: readonly Member[];
  /** The other orders in which they may run; null: too many to try. */
  readonly otherOrders: readonly (readonly Member[])[] | null;
}

/** All that runs at one hook for one family, in the kernel's order. */
export interface HookProgram {
  readonly hook: Hook;
  readonly groups: readonly Group[];
  /** What runs here too, or may, and cannot be followed. */
  readonly gaps: readonly Undecidable[];
  /** A chain of type filter has just the priority of the nat point: `groups` has it after, this one before. Null: none has. */
  readonly otherwise: HookProgram | null;
  /** By group: the chains that run from there one after another with nothing of the kernel's between them, where their order is known. */
  readonly series: readonly (Series | null)[];
}
