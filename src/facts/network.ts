import type { Address, Family, Prefix } from './address.ts';
import type { Place } from './evidence.ts';

/** From `ip -j -d link`. */
export interface Link {
  readonly index: number;
  readonly name: string;
  readonly mtu: number;
  readonly up: boolean;
  /** `LOWER_UP`: the other end of the veth or the cable is there. */
  readonly carrier: boolean;
  readonly loopback: boolean;
  /** `info_kind`: veth, bridge, ipip, vxlan, tun, ...; null for physical devices and what the kernel does not name. */
  readonly kind: string | null;
  readonly master: string | null;
  readonly mac: string | null;
  /** An XDP program sees, and may drop or send elsewhere, what comes in. */
  readonly xdp?: boolean;
  readonly at: Place;
  /** The cited line, exactly as it stands in the file. */
  readonly text?: string;
}

/** From `ip -j addr`: one address of one interface. */
export interface InterfaceAddress {
  readonly interface: string;
  readonly address: Address;
  readonly bits: number;
  readonly scope: string;
  readonly broadcast: Address | null;
  /** Point-to-point peer, where the kernel has one. */
  readonly peer: Address | null;
  /** Of IPv6, those that the choice of a source looks at: `deprecated`, `tentative`, `optimistic`, `temporary`. Absent: none. */
  readonly flags?: readonly string[];
  readonly at: Place;
  /** The cited line, exactly as it stands in the file. */
  readonly text?: string;
}

export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'multicast'
  | 'anycast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw'
  | 'other';

/** One of several ways that a route has. */
export interface NextHop {
  readonly interface: string | null;
  readonly gateway: Address | null;
  /** Its share is this of the sum of all. */
  readonly weight: number;
  readonly flags: readonly string[];
}

/** From `ip -j -4|-6 route show table all`. */
export interface Route {
  readonly family: Family;
  readonly type: RouteType;
  readonly destination: Prefix;
  /** Routing table by name or number, as `ip` prints it; `main` where it prints none. */
  readonly table: string;
  readonly interface: string | null;
  readonly gateway: Address | null;
  readonly source: Address | null;
  readonly scope: string | null;
  readonly metric: number;
  /** `dead`, `linkdown`, `onlink`, ... */
  readonly flags: readonly string[];
  /** More than one next hop: which one is used depends on a hash. */
  readonly multipath: boolean;
  /** Of a multipath route, all of them. */
  readonly nextHops?: readonly NextHop[];
  /** The route is for packets with this type of service only (flag `tos`). */
  readonly tos?: number;
  /** The route is for packets from these addresses only: IPv6 subtrees (flag `from`). */
  readonly from?: Prefix;
  /** The kernel itself made it, with an address or a link. */
  readonly byKernel?: true;
  readonly at: Place;
  /** The cited line, exactly as it stands in the file. */
  readonly text?: string;
}

/** From `ip -j -4|-6 rule`: policy routing. */
export interface RoutingRule {
  readonly family: Family;
  readonly priority: number;
  readonly table: string | null;
  /** `lookup` for tables; blackhole, unreachable, prohibit, ... otherwise. */
  readonly action: string;
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly mark: { readonly value: number; readonly mask: number } | null;
  readonly inInterface: string | null;
  readonly outInterface: string | null;
  readonly inverted: boolean;
  /** Selectors that we do not model (`ipproto`, `uidrange`, ...), as JSON; the rule is undecided if any. */
  readonly unmodelled: string;
  /** It stands for all rules or routes of its family, which the bundle lacks: which. */
  readonly lacks?: string;
  readonly at: Place;
  /** The cited line, exactly as it stands in the file. */
  readonly text?: string;
}

/** From `ip -j neigh`. */
export interface Neighbour {
  readonly address: Address;
  readonly interface: string;
  readonly mac: string | null;
  /** REACHABLE, STALE, FAILED, PERMANENT, ... */
  readonly state: readonly string[];
  readonly at: Place;
  /** The cited line, exactly as it stands in the file. */
  readonly text?: string;
}

/** One entry of a bridge's forwarding table (AF_BRIDGE): behind which port a hardware address is. */
export interface BridgeEntry {
  readonly bridge: string;
  /** The bridge itself for an address of its own. */
  readonly port: string;
  readonly mac: string;
  /** An address of the bridge or of one of its ports: frames to it are for the node. */
  readonly local: boolean;
  /** Null where the bridge does not filter by VLAN. */
  readonly vlan: number | null;
  readonly at: Place;
  /** The cited line, exactly as it stands in the file. */
  readonly text?: string;
}
