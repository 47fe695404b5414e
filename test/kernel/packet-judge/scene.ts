/** A node of its own for one ruleset: interfaces tunA (10.1.0.0/16, fd01::/64) and tunB (10.2.0.0/16, fd02::/64), and services on `ports`. */
export interface Scene {
  /** Commands before the rules, run by sh. */
  readonly setup: readonly string[];
  /** Input of iptables-legacy-restore and so on; the legacy rules are loaded first unless `nftFirst`. */
  readonly rules: Readonly<Partial<Record<RulesFile, string>>>;
  readonly nftFirst: boolean;
  readonly packets: readonly ScenePacket[];
}

export type RulesFile = 'iptables-legacy' | 'iptables-nft' | 'ip6tables-legacy' | 'ip6tables-nft';

/** Where a packet starts: on an interface, or at the node itself. */
export type Origin = 'tunA' | 'tunB' | 'host';

export interface ScenePacket {
  readonly origin: Origin;
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly tcpFlags: number;
  readonly icmp: { readonly type: number; readonly code: number } | null;
  readonly badChecksum?: boolean;
}

/** What the kernel did. `at` is an interface, or `local`. */
export type Fate =
  | {
      readonly kind: 'delivered';
      readonly at: string;
      readonly from: string;
      readonly to: string;
      readonly fromPort: number;
      readonly toPort: number;
    }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'dropped' };

export interface PacketFate {
  readonly request: Fate;
  /** Null where nobody replied. */
  readonly reply: Fate | null;
}

export interface SceneResult {
  /** Snapshot files: the save dumps and `ip -j` output, taken after the rules were loaded. */
  readonly files: Readonly<Record<string, string>>;
  readonly fates: readonly PacketFate[];
}

export const ports: readonly number[] = [53, 80, 443, 8080, 30080];
