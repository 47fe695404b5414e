/**
 * A node of its own for one ruleset: tunA (10.1.0.0/16, fd01::/64), tunB (10.2.0.0/16, fd02::/64) and services on `ports`; with `ethernet` also
 * tapC and tapD, which carry frames. A scene is plain data, so that it can be kept as a file and be made smaller line by line.
 */
export interface Scene {
  /** Commands before the rules: `ip`, `ipset`, `sysctl -qw`, `bridge`; what else there is goes to sh. */
  readonly setup: readonly string[];
  /** Input of iptables-legacy-restore and so on; the legacy rules are loaded first unless `nftFirst`. */
  readonly rules: Readonly<Partial<Record<RulesFile, string>>>;
  readonly nftFirst: boolean;
  /** Input of `nft -f`, loaded after the rules of iptables-nft unless `nativeFirst`. */
  readonly native?: string;
  readonly nativeFirst?: boolean;
  /** `routed`: tapC is 10.3.0.0/16. `bridge`: br0 is 10.4.0.0/16 and has the ports tapC and tapD. */
  readonly ethernet?: 'routed' | 'bridge';
  readonly packets: readonly ScenePacket[];
  /** Which generator made it. */
  readonly shape?: string;
}

export type RulesFile = 'iptables-legacy' | 'iptables-nft' | 'ip6tables-legacy' | 'ip6tables-nft';
export const rulesFiles: readonly RulesFile[] = ['iptables-legacy', 'ip6tables-legacy', 'iptables-nft', 'ip6tables-nft'];

/** Where a packet starts: on an interface, or at the node itself. */
export type Origin = 'tunA' | 'tunB' | 'tapC' | 'tapD' | 'host';

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
  readonly ttl?: number;
  /** Bytes of payload more than needed. */
  readonly padding?: number;
  /** Only so many bytes of the transport header and what follows are sent. */
  readonly cut?: number;
  /** SO_MARK of the socket that sends it; only of the node itself. */
  readonly mark?: number;
  /** The datagram is sent in two fragments; this tells which of them is judged. */
  readonly fragment?: 'first' | 'later' | 'tiny';
  /** The third packet of its connection, after request and reply. */
  readonly established?: boolean;
  /** Whom the frame is addressed to, on tapC and tapD; the node where absent. */
  readonly toMac?: string;
}

/** What the kernel did. `at` is an interface, or `local`. */
export type Fate =
  | {
      readonly kind: 'delivered';
      readonly at: string;
      /** Empty where nothing shows it. */
      readonly from: string;
      readonly to: string;
      /** Null where the packet has no ports, or they cannot be seen. */
      readonly fromPort: number | null;
      readonly toPort: number | null;
    }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'dropped' };

export interface PacketFate {
  readonly request: Fate;
  /** Null where nobody replied. */
  readonly reply: Fate | null;
  /** What the rules did to the request, where it was traced. */
  readonly trace?: Trace;
  /** True where the packet asked about could not be sent as planned (the connection was never established). */
  readonly moot?: boolean;
}

/** The rules that matched, in the order of the kernel's own trace. */
export interface Trace {
  readonly events: readonly TraceEvent[];
  /** The mark at the last event of nft; null where there was none. */
  readonly mark: number | null;
}

export interface TraceEvent {
  readonly backend: 'legacy' | 'nft';
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** nft: handle of the rule, null for a chain's policy and end; legacy: its number, one more than there are rules for policy and end. */
  readonly rule: number | null;
  readonly verdict: string;
}

export const ports: readonly number[] = [53, 80, 443, 8080, 30080];
