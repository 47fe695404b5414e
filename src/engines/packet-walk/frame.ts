import type { Address } from '#facts/address.ts';

/** A frame that came in by a bridge. */
export interface Frame {
  readonly bridge: string;
  /** By which of its ports; `?` where that is not known. */
  readonly port: string;
  /** br_netfilter shows it to the hooks of IP. */
  readonly callsIp: boolean;
  /** Where its packet came from and went to before any rule. */
  readonly source: Address;
  readonly destination: Address;
  /** For the node itself, or for somebody behind a port, `?` where that is not known. */
  readonly to: 'node' | { readonly port: string };
}
