import type { Address } from '#facts/address.ts';
import type { Route } from '#facts/network.ts';

/** What the FIB is asked (struct flowi4, flowi6). */
export interface RouteQuery {
  readonly destination: Address;
  readonly source: Address | null;
  /** By which interface the packet came; null: the node itself sends it, which policy rules know as `lo`. */
  readonly inInterface: string | null;
  readonly mark: number;
  /** Only routes by this interface (flowi_oif), and rules for it; of IPv6, unless `strict`, rather such routes than others. */
  readonly outInterface?: string | null;
  /** The same without a say in rules: of IPv6, the interface that a packet came in by (ip6_pol_route_input). */
  readonly preferred?: string | null;
  readonly strict?: boolean;
  /** Null: nobody tells it. */
  readonly tos?: number | null;
  /** Null: not given, where the kernel looks up without it. Ports of protocols that have none are 0. */
  readonly flow?: { readonly protocol: number; readonly sourcePort: number | null; readonly destinationPort: number | null } | null;
  /** A process of the node sends it, and whose that is nobody knows: `uidrange`. */
  readonly fromSocket?: boolean;
  /** FIB_LOOKUP_IGNORE_LINKSTATE. */
  readonly ignoresLinkState?: boolean;
  /** As IPv6 asks for the way back (rt6_device_match): any route of the longest prefix by `outInterface`, whatever its metric. */
  readonly byDevice?: boolean;
}

/** `missing`: the snapshot cannot answer. `none`: no route. A policy rule that refuses is a route of its type. */
export type RouteAnswer =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'none' }
  | { readonly kind: 'missing'; readonly because: string };
