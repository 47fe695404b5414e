import type { Family } from '#facts/address.ts';
import type { Undecidable } from '#facts/packet-walk.ts';
import type { Backend } from '#facts/rule.ts';

/** Where an xt match or target stands. */
export interface RuleContext {
  readonly backend: Backend;
  readonly family: Family;
  /** The whole rule, as iptables-save prints it. */
  readonly text: string;
  /** Unique for the rule in the whole snapshot. */
  readonly key: string;
  /** x_tables itself evaluates the ports of tcp and udp (legacy), or iptables-nft compiled them to a comparison of bytes. */
  readonly ports: 'match' | 'payload';
  readonly gap: (because: string) => Undecidable;
}
