import type { Address } from './address.ts';
import type { Backend, Hook } from './rule.ts';

/** One connection to walk. Ports are null for protocols without ports. */
export interface Probe {
  readonly from: Address;
  readonly to: Address;
  /** IP protocol number. */
  readonly protocol: number;
  readonly fromPort: number | null;
  readonly toPort: number | null;
  /** The interface the request arrives on; null: by the route back to `from`, or none where the node itself sends. */
  readonly inInterface: string | null;
  /** ICMP type and code; echo request (8/0, 128/0) where null. */
  readonly icmp: { readonly type: number; readonly code: number } | null;
  /** Bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32; SYN where null and the connection is new. */
  readonly tcpFlags: number | null;
  readonly state: 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';
  readonly mark: number;
  /** Offset in bytes, of a multiple of eight; null: not a fragment. */
  readonly fragment?: { readonly offset: number; readonly more: boolean } | null;
  /** The checksum of the transport header is wrong. */
  readonly badChecksum?: boolean;
  /** Time to live, or hop limit; 64 where absent. */
  readonly ttl?: number | null;
  /** Bytes of the IP packet; null: not known, and a rule that asks is undecided. */
  readonly length?: number | null;
  /** Whom the frame is addressed to, where it comes in by a bridge port: the node itself where absent. */
  readonly toMac?: string | null;
}

export type Verdict = 'delivered' | 'dropped' | 'rejected' | 'undecided';

/** Names a rule to a person and to a machine. `rule` is 1-based; null for a chain's policy. */
export interface RulePlace {
  readonly backend: Backend;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly rule: number | null;
  readonly text: string;
  /** Where the rule stands in the snapshot. */
  readonly source: string;
  readonly line: number;
  readonly packets: number | null;
}

/** What happened at one rule, chain policy or kernel step (`backend` null: routing, conntrack, rp_filter). */
export interface WalkStep {
  readonly hook: Hook;
  readonly backend: Backend | null;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly rule: number | null;
  readonly text: string;
  /** jump, goto, return, accept, drop, reject, dnat, snat, mark, continue, policy, route, ... */
  readonly effect: string;
  readonly source: string | null;
  readonly line: number | null;
}

/** The packet as it leaves. `interface` is `local` where the node itself receives it. */
export interface PacketOut {
  readonly interface: string;
  readonly from: string;
  readonly to: string;
  readonly mark: number;
}

export interface WalkOutcome {
  readonly verdict: Verdict;
  /** Null: unknown. */
  readonly probability: number | null;
  readonly order: 'nft-first' | 'legacy-first' | null;
  readonly out: PacketOut | null;
  /** How many ways lead to it, where there is more than one; what follows is told of the first. */
  readonly ways?: number;
  /** The rule or policy that lost it; absent where none did. */
  readonly blame?: OutcomePlace;
  /** The rules at which a way to it parted from ways to others, in order, and whether each matched; absent in decisions without steps. */
  readonly choices?: readonly (OutcomePlace & { readonly matches: boolean })[];
}

type OutcomePlace = Omit<RulePlace, 'packets'>;

export interface WalkLeg {
  readonly verdict: Verdict;
  /** Why the verdict is undecided: `outcome-depends` or `not-modelled`; null otherwise. */
  readonly because: 'outcome-depends' | 'not-modelled' | null;
  readonly steps: readonly WalkStep[];
  readonly out: PacketOut | null;
  /** Only where chance, state outside the snapshot or hook order decides. */
  readonly outcomes?: readonly WalkOutcome[];
}

export interface Undecidable {
  readonly backend: Backend | null;
  readonly table: string;
  readonly chain: string;
  readonly rule: number | null;
  readonly because: string;
}

/** A rule that a packet was lost at. */
export type Blame = RulePlace & { readonly leg: 'request' | 'reply' };

/** The answer of the packet walk: `walk -o json` adds apiVersion and kind. */
export interface PacketWalk {
  readonly request: WalkLeg;
  /** Null where the request never arrived, so that there is no reply. */
  readonly reply: WalkLeg | null;
  /** The rule that dropped or rejected it; null where none did. */
  readonly blame: Blame | null;
  /** Where it is lost whatever is not known or left to chance, but not always at the same rule: all that it may be, `blame` first. */
  readonly blames?: readonly Blame[];
  readonly undecided: readonly Undecidable[];
}

/** Rules to leave out of a walk: all given fields must fit. From `--without owner=calico,backend=nft`. */
export interface RuleSelector {
  readonly backend?: Backend;
  readonly table?: string;
  readonly chain?: string;
  readonly owner?: string;
  readonly rule?: number;
}
