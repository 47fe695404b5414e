import type { Address, Family } from '#facts/address.ts';
import type { Probe } from '#facts/packet-walk.ts';
import type { Relation } from './relation.ts';

export interface Source {
  readonly address: Address;
  /** By which interface its packets arrive; null: by the route back to it, or not at all where the node itself sends. */
  readonly inInterface: string | null;
}

export interface Destination {
  readonly address: Address;
  readonly port: number | null;
}

/** Many connections of one family and protocol at once: `pairs` are places in the two lists. */
export interface PairQuestion {
  readonly family: Family;
  readonly protocol: number;
  readonly fromPort: number | null;
  readonly sources: readonly Source[];
  readonly destinations: readonly Destination[];
  readonly pairs: Relation;
}

/** One of them. */
export function probeOf({ protocol, fromPort }: PairQuestion, { address, inInterface }: Source, to: Destination): Probe {
  return {
    from: address,
    to: to.address,
    protocol,
    fromPort,
    toPort: to.port,
    inInterface,
    icmp: null,
    tcpFlags: null,
    state: 'NEW',
    mark: 0,
  };
}
