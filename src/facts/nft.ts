import type { Match, Target } from './rule.ts';

/**
 * nf_tables as the kernel runs it: rules are lists of expressions over a register file, as in net/netfilter/nft_*.c. Netlink gives them as
 * they are; readers of `nft -j` and of nft's text compile a listing to the same form.
 */
export type NftFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';

/**
 * Index of a 32-bit word in the register file, 0 to 15. NFT_REG_1 to 4 (128 bit) are words 0, 4, 8, 12; NFT_REG32_00 to 15 are words 0 to 15.
 * Values longer than four bytes go on in the next words. Bytes stand in the order of the packet for payload and addresses, in the order of
 * the host (little endian here, see NftRuleset.littleEndian) for marks, interface indices, connection state bits and other numbers of meta and ct.
 */
export type NftRegister = number;

export type NftVerdict =
  | { readonly kind: 'accept' | 'drop' | 'continue' | 'break' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'queue'; readonly number: number; readonly bypass: boolean };

export type NftCompare = 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte';

/** One expression. Keys of meta, ct, rt, fib and others are spelled as nft spells them. */
export type NftExpression =
  | {
      readonly kind: 'payload';
      readonly base: 'link' | 'network' | 'transport' | 'inner' | 'tunnel';
      /** Bytes from the start of the header. */
      readonly offset: number;
      readonly length: number;
      readonly to: NftRegister;
    }
  | {
      readonly kind: 'payload-set';
      readonly base: 'link' | 'network' | 'transport' | 'inner' | 'tunnel';
      readonly offset: number;
      readonly length: number;
      readonly from: NftRegister;
    }
  /** `key`: mark, iif, oif, iifname, oifname, l4proto, nfproto, protocol, pkttype, length, priority, skuid, skgid, random, cgroup, cpu, ... */
  | { readonly kind: 'meta'; readonly key: string; readonly to: NftRegister }
  | { readonly kind: 'meta-set'; readonly key: string; readonly from: NftRegister }
  | { readonly kind: 'compare'; readonly op: NftCompare; readonly from: NftRegister; readonly value: Uint8Array }
  /** new = (old & mask) ^ xor; all three of `length` bytes. */
  | {
      readonly kind: 'bitwise';
      readonly from: NftRegister;
      readonly to: NftRegister;
      readonly length: number;
      readonly mask: Uint8Array;
      readonly xor: Uint8Array;
    }
  /** Shift of a number in host order by `bits`. */
  | {
      readonly kind: 'shift';
      readonly direction: 'left' | 'right';
      readonly from: NftRegister;
      readonly to: NftRegister;
      readonly length: number;
      readonly bits: number;
    }
  /** and, or, xor of two registers (Linux 6.13). */
  | {
      readonly kind: 'bitwise-registers';
      readonly op: 'and' | 'or' | 'xor';
      readonly from: NftRegister;
      readonly from2: NftRegister;
      readonly to: NftRegister;
      readonly length: number;
    }
  /** Swaps each group of `size` bytes between host and network order. */
  | { readonly kind: 'byteorder'; readonly from: NftRegister; readonly to: NftRegister; readonly length: number; readonly size: number }
  | { readonly kind: 'immediate'; readonly to: NftRegister; readonly value: Uint8Array }
  | { readonly kind: 'verdict'; readonly verdict: NftVerdict }
  /** `to`: register of a map's data; null for a set, `'verdict'` for a verdict map. */
  | {
      readonly kind: 'lookup';
      readonly set: string;
      readonly from: NftRegister;
      readonly to: NftRegister | 'verdict' | null;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'range';
      readonly op: 'eq' | 'neq';
      readonly from: NftRegister;
      readonly first: Uint8Array;
      readonly last: Uint8Array;
    }
  /** `key`: state, direction, status, mark, saddr, daddr, src_ip, dst_ip, src_ip6, dst_ip6, proto_src, proto_dst, protocol, l3protocol, zone, helper, ... */
  | { readonly kind: 'ct'; readonly key: string; readonly direction: 'original' | 'reply' | null; readonly to: NftRegister }
  | { readonly kind: 'ct-set'; readonly key: string; readonly direction: 'original' | 'reply' | null; readonly from: NftRegister }
  | {
      readonly kind: 'fib';
      readonly result: 'oif' | 'oifname' | 'type';
      /** saddr, daddr, mark, iif, oif, present */
      readonly flags: readonly string[];
      readonly to: NftRegister;
    }
  | {
      readonly kind: 'numgen';
      readonly type: 'random' | 'incremental';
      readonly modulus: number;
      readonly offset: number;
      readonly to: NftRegister;
    }
  | {
      readonly kind: 'hash';
      readonly type: 'jhash' | 'symhash';
      readonly from: NftRegister | null;
      readonly length: number;
      readonly modulus: number;
      /** Null: the kernel chose one that it does not tell. */
      readonly seed: number | null;
      readonly offset: number;
      readonly to: NftRegister;
    }
  /** `key`: classid, nexthop4, nexthop6, tcpmss, ipsec */
  | { readonly kind: 'rt'; readonly key: string; readonly to: NftRegister }
  | { readonly kind: 'socket'; readonly key: string; readonly level: number; readonly to: NftRegister }
  | {
      readonly kind: 'exthdr';
      readonly header: 'ipv6' | 'tcp' | 'ipv4' | 'sctp' | 'dccp';
      readonly type: number;
      readonly offset: number;
      readonly length: number;
      /** The register gets whether the header is there. */
      readonly present: boolean;
      readonly to: NftRegister;
    }
  | { readonly kind: 'exthdr-set'; readonly header: string; readonly type: number; readonly text: string }
  /** `over`: matches when the rate is exceeded. */
  | {
      readonly kind: 'limit';
      readonly rate: number;
      readonly per: number;
      readonly burst: number;
      readonly unit: 'packets' | 'bytes';
      readonly over: boolean;
    }
  | { readonly kind: 'quota'; readonly bytes: number; readonly over: boolean }
  | { readonly kind: 'connlimit'; readonly count: number; readonly over: boolean }
  | { readonly kind: 'counter'; readonly packets: number; readonly bytes: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'log'; readonly prefix: string; readonly text: string }
  /** `icmp-unreachable` and `icmpx-unreachable` carry a code. */
  | { readonly kind: 'reject'; readonly type: 'icmp-unreachable' | 'tcp-reset' | 'icmpx-unreachable'; readonly code: number }
  | {
      readonly kind: 'nat';
      readonly type: 'snat' | 'dnat';
      readonly family: NftFamily;
      readonly addressFrom: NftRegister | null;
      readonly addressTo: NftRegister | null;
      readonly portFrom: NftRegister | null;
      readonly portTo: NftRegister | null;
      /** random, fully-random, persistent, netmap */
      readonly flags: readonly string[];
    }
  | {
      readonly kind: 'masquerade' | 'redirect';
      readonly portFrom: NftRegister | null;
      readonly portTo: NftRegister | null;
      readonly flags: readonly string[];
    }
  | { readonly kind: 'tproxy'; readonly family: NftFamily; readonly address: NftRegister | null; readonly port: NftRegister | null }
  | { readonly kind: 'notrack' }
  | {
      readonly kind: 'queue';
      readonly first: number;
      readonly last: number;
      readonly register: NftRegister | null;
      readonly bypass: boolean;
    }
  | { readonly kind: 'dup'; readonly text: string }
  | { readonly kind: 'forward'; readonly text: string }
  | { readonly kind: 'synproxy' }
  /** A named object: counter, quota, limit, ct helper, ct timeout, ct expectation, synproxy, secmark. */
  | { readonly kind: 'object'; readonly type: string; readonly name: string | null; readonly text: string }
  | {
      readonly kind: 'dynset';
      readonly op: 'add' | 'update' | 'delete';
      readonly set: string;
      readonly key: NftRegister;
      readonly data: NftRegister | null;
      /** Milliseconds; null: none. */
      readonly timeout: number | null;
      /** Expressions run on the element (limit, counter, connlimit, ...): `ct count over`, meters. */
      readonly expressions: readonly NftExpression[];
      readonly negated: boolean;
    }
  | { readonly kind: 'flow-offload'; readonly table: string }
  /** xt matches of iptables-nft: what the blob holds, one to a word of iptables-save; with its text as iptables-save prints it. */
  | {
      readonly kind: 'xt-match';
      readonly name: string;
      readonly revision: number;
      readonly info: Uint8Array;
      readonly text: string;
      readonly matches: readonly Match[];
    }
  | {
      readonly kind: 'xt-target';
      readonly name: string;
      readonly revision: number;
      readonly info: Uint8Array;
      readonly text: string;
      readonly target: Target;
    }
  /** Known by name only, or what a listing does not tell: the rule is undecided from here on. */
  | { readonly kind: 'unmodelled'; readonly name: string; readonly because: string };

export interface NftRule {
  /** 1-based position in its chain. */
  readonly index: number;
  readonly handle: number;
  readonly expressions: readonly NftExpression[];
  /** `comment` of the user data. */
  readonly comment: string | null;
  /** As nft would list it, or, of a rule of iptables-nft, as iptables-save would. */
  readonly text: string;
  /** Where the rule stands in its source: line of the text or JSON; the handle for netlink. */
  readonly line: number;
  /** Of its first counter; null where it has none. */
  readonly packets: number | null;
  readonly bytes: number | null;
}

export interface NftHook {
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress';
  readonly type: 'filter' | 'nat' | 'route';
  readonly priority: number;
  /** Of ingress and egress chains; [] otherwise. */
  readonly devices: readonly string[];
}

export interface NftChain {
  readonly name: string;
  readonly handle: number;
  /** Null for a chain that only rules jump to. */
  readonly base: NftHook | null;
  /** Base chains only; `accept` where the source does not say. */
  readonly policy: 'accept' | 'drop' | null;
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly line: number;
  readonly ruleCount: number;
  /** Decoded on first use. What cannot be decoded is an `unmodelled` expression that says why. */
  readonly rules: readonly NftRule[];
  /** Chains that its rules or verdict maps jump to, without decoding them; null where only decoding tells. */
  readonly jumps: readonly string[] | null;
}

/** `key` is the concatenation of the key's fields as the kernel stores them: each padded to four bytes. */
export interface NftElement {
  readonly key: Uint8Array;
  /** Last key of a closed interval, field by field of a concatenation; null for a single key. */
  readonly last: Uint8Array | null;
  readonly verdict: NftVerdict | null;
  readonly data: Uint8Array | null;
  /** Milliseconds to live at capture; null: for ever. */
  readonly expires: number | null;
  /** Limits, quotas and other state on the element: whether it matches depends on it. */
  readonly stateful: boolean;
  readonly catchall: boolean;
}

export interface NftSet {
  readonly name: string;
  readonly handle: number;
  /** An anonymous set (`{ 1, 2 }` in a rule) has a name such as `__set0`. */
  readonly anonymous: boolean;
  readonly map: 'data' | 'verdict' | 'object' | null;
  readonly interval: boolean;
  /** Elements come and go by rules (`update @set`, `add @set`), or time out: what it held at capture need not be what it holds. */
  readonly dynamic: boolean;
  readonly timeout: boolean;
  /** Bytes of the key's fields, unpadded, in order: [4, 1, 2] for `ipv4_addr . inet_proto . inet_service`. */
  readonly keyFields: readonly number[];
  readonly keyLength: number;
  readonly dataLength: number;
  /** Elements that it may hold; null: none is told. */
  readonly size: number | null;
  readonly line: number;
  readonly elementCount: number;
  readonly elements: readonly NftElement[];
}

export interface NftFlowtable {
  readonly name: string;
  readonly devices: readonly string[];
  readonly priority: number;
}

export interface NftTable {
  readonly family: NftFamily;
  readonly name: string;
  /** The table's chains are not hooked. */
  readonly dormant: boolean;
  readonly chains: ReadonlyMap<string, NftChain>;
  readonly sets: ReadonlyMap<string, NftSet>;
  readonly flowtables: readonly NftFlowtable[];
  readonly line: number;
}

/** All of nf_tables. */
export interface NftRuleset {
  readonly source: string;
  /** `kernel`: netlink messages, exact. `json` and `text`: a listing, with what it hides made unmodelled. */
  readonly origin: 'kernel' | 'json' | 'text';
  /** Byte order of numbers in host order. */
  readonly littleEndian: boolean;
  /** NFTA_GEN_ID at capture; null for listings. */
  readonly generation: number | null;
  readonly tables: readonly NftTable[];
  /** Tables that could not be read: whatever they hold is undecided. */
  readonly unreadable: readonly { readonly family: NftFamily; readonly table: string; readonly because: string }[];
}
