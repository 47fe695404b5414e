import type { Family } from '#facts/address.ts';

/** Where struct ipt_entry and struct ip6t_entry keep what (netfilter_ipv4/ip_tables.h, netfilter_ipv6/ip6_tables.h; 64-bit kernels). */
export interface EntryLayout {
  readonly source: number;
  readonly destination: number;
  readonly sourceMask: number;
  readonly destinationMask: number;
  readonly inName: number;
  readonly outName: number;
  readonly inMask: number;
  readonly outMask: number;
  readonly protocol: number;
  readonly flags: number;
  readonly inversions: number;
  readonly targetOffset: number;
  readonly nextOffset: number;
  readonly counters: number;
  /** Size of the entry without matches and target. */
  readonly size: number;
}

export const entryLayouts: Readonly<Record<Family, EntryLayout>> = {
  ip: {
    source: 0,
    destination: 4,
    sourceMask: 8,
    destinationMask: 12,
    inName: 16,
    outName: 32,
    inMask: 48,
    outMask: 64,
    protocol: 80,
    flags: 82,
    inversions: 83,
    targetOffset: 88,
    nextOffset: 90,
    counters: 96,
    size: 112,
  },
  ip6: {
    source: 0,
    destination: 16,
    sourceMask: 32,
    destinationMask: 48,
    inName: 64,
    outName: 80,
    inMask: 96,
    outMask: 112,
    protocol: 128,
    flags: 131,
    inversions: 132,
    targetOffset: 140,
    nextOffset: 142,
    counters: 152,
    size: 168,
  },
};

/** struct xt_entry_match and xt_entry_target: size, name, revision; the struct itself stands behind. */
export const extensionHeader = { name: 2, nameLength: 29, revision: 31, size: 32 } as const;
