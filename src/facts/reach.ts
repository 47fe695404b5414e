import type { Family } from './address.ts';
import type { RulePlace, Undecidable, Verdict } from './packet-walk.ts';

/** One end of connections that is asked about. */
export interface ReachEndpoint {
  /** `shop/web-1`, `shop/web:http`, `host`, `outside`, or an address. */
  readonly name: string;
  readonly kind: 'pod' | 'service' | 'host' | 'outside' | 'address';
}

/** What pairs have in common: their verdict, and why. */
export interface ReachFate {
  /** As of a walk: the worse of both legs. */
  readonly verdict: Verdict;
  readonly request: Verdict;
  /** Null: the request does not arrive, or nobody replies. */
  readonly reply: Verdict | null;
  readonly because: 'outcome-depends' | 'not-modelled' | null;
  /** The rule or policy that lost it; null where none did. */
  readonly blame: (RulePlace & { readonly leg: 'request' | 'reply' }) | null;
  /** What the kernel itself did where no rule is to blame: a route, rp_filter. */
  readonly kernel: string | null;
  readonly undecided: readonly Undecidable[];
}

/** All pairs of `from` and `to`, which are places in the lists of endpoints, with one fate. */
export interface ReachRectangle {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

export interface ReachClass extends ReachFate {
  readonly pairs: number;
  readonly rectangles: readonly ReachRectangle[];
}

/** Where the rules of one backend, alone on the node, would end otherwise: its verdict for pairs that now have another. */
export interface ReachAlone {
  readonly backend: 'legacy' | 'nft';
  readonly now: Verdict;
  readonly alone: Verdict;
  readonly pairs: number;
  readonly rectangles: readonly ReachRectangle[];
}

/** All pairs of one family and protocol. */
export interface ReachPart {
  readonly family: Family;
  readonly protocol: string;
  readonly sources: readonly ReachEndpoint[];
  readonly destinations: readonly ReachEndpoint[];
  readonly pairs: number;
  readonly classes: readonly ReachClass[];
  readonly alone: readonly ReachAlone[];
}

/** For one source and one destination: all 65,536 ports of the destination, by what becomes of connections to them. */
export interface ReachPorts {
  readonly family: Family;
  readonly protocol: string;
  readonly from: string;
  readonly to: string;
  readonly sets: readonly (ReachFate & { readonly ports: readonly { readonly first: number; readonly last: number }[] })[];
}

/** For one destination: all IPv4 addresses that could arrive by the interface of the default route, by what becomes of their connections. */
export interface ReachSources {
  readonly protocol: string;
  readonly to: string;
  readonly inInterface: string;
  /** Null: `because` says why the sets cannot be told. */
  readonly sets: readonly (ReachFate & { readonly prefixes: readonly string[] })[] | null;
  readonly because: string | null;
}

export interface Reach {
  /** Only where both ends were named. */
  readonly ports: readonly ReachPorts[];
  /** Only where the destination was named. */
  readonly sources: readonly ReachSources[];
  readonly parts: readonly ReachPart[];
  readonly pairs: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
}
