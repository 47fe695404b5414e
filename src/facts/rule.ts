import type { Address, Family, Prefix } from './address.ts';

/** Which kernel rule engine runs a rule: x_tables (`iptables-legacy`) or nf_tables (`iptables-nft`, `nft`). */
export type Backend = 'legacy' | 'nft';

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export type ConntrackState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED' | 'SNAT' | 'DNAT';

/**
 * One condition of a rule, as iptables-save words it. A rule matches when all of its matches do.
 * `negated` stands for the `!` in front of the option.
 */
export type Match =
  | { readonly kind: 'source' | 'destination'; readonly prefix: Prefix; readonly negated: boolean }
  | { readonly kind: 'in-interface' | 'out-interface'; readonly name: string; readonly wildcard: boolean; readonly negated: boolean }
  /** `number` is the IP protocol number. `-p all` is no match at all. */
  | { readonly kind: 'protocol'; readonly number: number; readonly negated: boolean }
  /** `-f`: second and further fragments (IPv4 only). */
  | { readonly kind: 'fragment'; readonly negated: boolean }
  /**
   * `-m tcp|udp|sctp|dccp|udplite --sport/--dport`, or `-m multiport`. `module` matters: the tcp and udp modules drop
   * packets that are too short to hold ports (hotdrop), and multiport applies to several protocols.
   */
  | {
      readonly kind: 'ports';
      readonly module: 'tcp' | 'udp' | 'sctp' | 'dccp' | 'udplite' | 'multiport';
      readonly side: 'source' | 'destination' | 'either';
      readonly ranges: readonly PortRange[];
      readonly negated: boolean;
    }
  /** `-m tcp|udp|sctp` named without any option: it still inspects the header. */
  | { readonly kind: 'transport-header'; readonly module: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmp6' }
  /** `--tcp-flags mask comp`; bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. */
  | { readonly kind: 'tcp-flags'; readonly mask: number; readonly set: number; readonly negated: boolean }
  /** `type` 255 with no codes is `any`. */
  | { readonly kind: 'icmp-type'; readonly type: number; readonly codes: PortRange | null; readonly negated: boolean }
  | {
      readonly kind: 'conntrack-state';
      readonly module: 'conntrack' | 'state';
      readonly states: readonly ConntrackState[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'conntrack-address';
      readonly which: 'origsrc' | 'origdst' | 'replsrc' | 'repldst';
      readonly prefix: Prefix;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'conntrack-port';
      readonly which: 'origsrc' | 'origdst' | 'replsrc' | 'repldst';
      readonly range: PortRange;
      readonly negated: boolean;
    }
  | { readonly kind: 'conntrack-protocol'; readonly number: number; readonly negated: boolean }
  | { readonly kind: 'conntrack-direction'; readonly direction: 'ORIGINAL' | 'REPLY'; readonly negated: boolean }
  | { readonly kind: 'conntrack-status'; readonly statuses: readonly string[]; readonly negated: boolean }
  /** `of` says whose mark: the packet's (`-m mark`) or the connection's (`-m connmark`). Unsigned 32-bit. */
  | {
      readonly kind: 'mark';
      readonly of: 'packet' | 'connection';
      readonly value: number;
      readonly mask: number;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'address-type';
      readonly side: 'source' | 'destination';
      readonly types: readonly string[];
      readonly limit: 'in' | 'out' | null;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'set';
      readonly name: string;
      readonly directions: readonly ('src' | 'dst')[];
      readonly returnNomatch: boolean;
      /** Options that look at counters (`--packets-gt` ...), as written; a rule with any is undecided. */
      readonly counterOptions: string;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'reverse-path';
      readonly loose: boolean;
      readonly validMark: boolean;
      readonly acceptLocal: boolean;
      readonly inverted: boolean;
    }
  | {
      readonly kind: 'physical-device';
      /** With `+` at its end: all names that begin so. */
      readonly inName: string | null;
      readonly outName: string | null;
      /** All that are there, `! ` before those that are inverted. */
      readonly options: readonly string[];
      readonly text: string;
    }
  | {
      readonly kind: 'address-range';
      readonly side: 'source' | 'destination';
      readonly first: Address;
      readonly last: Address;
      readonly negated: boolean;
    }
  /** `-m ttl`, `-m hl`: time to live or hop limit. */
  | { readonly kind: 'ttl'; readonly compare: 'eq' | 'ne' | 'lt' | 'gt'; readonly value: number }
  /** `-m length`: bytes of the whole IP packet (xt_length.c). */
  | { readonly kind: 'length'; readonly range: PortRange; readonly negated: boolean }
  /** `-m dscp`, `-m tos`: (type of service & mask) == value. */
  | { readonly kind: 'tos'; readonly value: number; readonly mask: number; readonly negated: boolean }
  | { readonly kind: 'packet-type'; readonly type: 'unicast' | 'broadcast' | 'multicast'; readonly negated: boolean }
  /** `aa:bb:cc:dd:ee:ff`. */
  | { readonly kind: 'mac-source'; readonly mac: string; readonly negated: boolean }
  /** `-m policy`: whether IPsec policies were applied. `ipsec` false: `--pol none`; `text` holds further elements, '' where there are none. */
  | { readonly kind: 'ipsec-policy'; readonly direction: 'in' | 'out'; readonly ipsec: boolean; readonly text: string }
  /** `-m helper`: the connection's helper by name; '' is any. */
  | { readonly kind: 'helper'; readonly name: string; readonly negated: boolean }
  /**
   * `-m owner`, of packets that a socket of the node sent. `withoutSocket`: what it answers for others, which is true only where all of its
   * conditions are negated (xt_owner.c, owner_mt).
   */
  | { readonly kind: 'owner'; readonly withoutSocket: boolean; readonly text: string }
  /** `-m socket`: whether a socket of the node would take the packet. */
  | { readonly kind: 'socket'; readonly text: string }
  /**
   * Matches whose outcome depends on chance or on state outside a snapshot: both outcomes are possible. `nth` is `--mode nth --every N`:
   * one packet of N, with a counter that nobody knows (probability 1/N).
   */
  | { readonly kind: 'statistic'; readonly mode: 'random' | 'nth'; readonly probability: number; readonly negated: boolean }
  | { readonly kind: 'state-dependent'; readonly module: string; readonly text: string }
  /** Never changes the outcome: `comment`, `nfacct`. */
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'accounting'; readonly module: string }
  /** Understood as syntax but not modelled: the rule is undecided. */
  | { readonly kind: 'unmodelled'; readonly module: string; readonly text: string };

export interface NatRange {
  readonly first: Address | null;
  readonly last: Address | null;
  readonly ports: PortRange | null;
  /** `--random`, `--random-fully`, `--persistent`, as written. */
  readonly flags: readonly string[];
}

/** What a rule does when it matches. `continue` covers a rule without target and targets that change nothing we model. */
export type Target =
  | { readonly kind: 'accept' | 'drop' | 'return' }
  | { readonly kind: 'continue'; readonly name: string }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'reject'; readonly with: string }
  | { readonly kind: 'dnat' | 'snat' | 'masquerade' | 'redirect'; readonly to: NatRange }
  /** new = (old & ~mask) ^ value, for the packet's mark. `--set-mark`, `--and-mark` ... are translated to this. */
  | { readonly kind: 'set-mark'; readonly value: number; readonly mask: number }
  | { readonly kind: 'set-connmark'; readonly value: number; readonly mask: number }
  | { readonly kind: 'save-connmark' | 'restore-connmark'; readonly packetMask: number; readonly connectionMask: number }
  | { readonly kind: 'notrack' }
  /** `-j CT`: a zone for both directions or one; helpers and timeouts change nothing that a first packet shows. */
  | { readonly kind: 'set-zone'; readonly zone: number; readonly direction: 'original' | 'reply' | null }
  /** Accepts the packet for the node itself where a socket takes it, drops it otherwise (xt_TPROXY.c). Null address: the interface's own. */
  | { readonly kind: 'tproxy'; readonly address: Address | null; readonly port: number; readonly mark: number; readonly mask: number }
  /** Without a listener the packet is dropped, or with `bypass` accepted; either way the table ends. */
  | { readonly kind: 'queue'; readonly bypass: boolean; readonly text: string }
  /** Rewrites the network part of an address and keeps the rest (xt_NETMAP.c). */
  | { readonly kind: 'netmap'; readonly prefix: Prefix }
  /** new = (old & ~mask) ^ value, for type of service or traffic class. `DSCP --set-dscp` has mask 0xfc. */
  | { readonly kind: 'set-tos'; readonly value: number; readonly mask: number }
  | { readonly kind: 'set-ttl'; readonly operation: 'set' | 'increment' | 'decrement'; readonly value: number }
  /** `-j SET`: what the set holds afterwards is not what the snapshot holds. */
  | { readonly kind: 'change-set'; readonly sets: readonly string[]; readonly text: string }
  | { readonly kind: 'unmodelled'; readonly name: string; readonly text: string };

export interface Rule {
  /** 1-based position in its chain. */
  readonly index: number;
  /** 1-based line in the ruleset's source. */
  readonly line: number;
  /** The rule as written after `-A CHAIN `, counters removed. */
  readonly text: string;
  /** From `[packets:bytes]` of `iptables-save -c`; null where the dump has none. */
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly matches: readonly Match[];
  readonly target: Target;
}

export interface Chain {
  readonly name: string;
  /** Null for user-defined chains. */
  readonly policy: 'ACCEPT' | 'DROP' | null;
  readonly packets: number | null;
  readonly bytes: number | null;
  /** 1-based line of the chain's declaration. */
  readonly line: number;
  readonly ruleCount: number;
  /** Decoded on first use; a rule that cannot be decoded carries an `unmodelled` match that says why. */
  readonly rules: readonly Rule[];
}

export interface Table {
  readonly name: string;
  /** By name, in the order of the dump. */
  readonly chains: ReadonlyMap<string, Chain>;
}

/** All tables of one backend and one family, from one `*-save` dump. */
export interface Ruleset {
  readonly backend: Backend;
  readonly family: Family;
  /** Path in the snapshot that rule lines count in. For rules of the kernel's own messages a line is the rule's number in its table. */
  readonly source: string;
  readonly tables: ReadonlyMap<string, Table>;
  /**
   * What the dump says that it could not print, for example iptables-nft-save's "Table `filter' is incompatible".
   * Verdicts that touch the table named are undecided.
   */
  readonly unreadable: readonly { readonly table: string; readonly because: string; readonly line: number }[];
}

/** The dump line of a rule, as `iptables -S` would print it. */
export function ruleCommand(chain: string, rule: Rule): string {
  return `-A ${chain} ${rule.text}`;
}
