import type { Family } from './address.ts';
import type { PidsHierarchy } from './cgroup.ts';
import type { Located } from './evidence.ts';
import type { Instant } from './instant.ts';
import type { IpSet } from './ipset.ts';
import type { DaemonSet, FelixConfiguration, KubernetesEvent, NodeObject, Pod, Service } from './kubernetes.ts';
import type { LogFile } from './log.ts';
import type { BridgeEntry, InterfaceAddress, Link, Neighbour, Route, RoutingRule } from './network.ts';
import type { NftRuleset } from './nft.ts';
import type { Process } from './process.ts';
import type { Reading } from './result.ts';
import type { Backend, Hook, Ruleset } from './rule.ts';

/** Something that was asked for and is not in the snapshot, and why. */
export interface Gap {
  readonly source: string;
  readonly because: string;
}

/** A base chain of nftables that iptables does not know, or a flowtable: what runs beside the iptables rules. */
export interface NativeChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly hook: Hook | string;
  readonly type: string;
  readonly priority: number;
  readonly policy: string;
  readonly ruleCount: number;
  /** True where no rule of it, or of a chain it reaches, can drop, rewrite or mark: an empty chain with policy accept. */
  readonly inert: boolean;
}

/**
 * One node at one moment. Everything above this is a function of it: a live node, a recorded incident and a
 * stranger's bundle are the same thing to every engine.
 */
export interface Snapshot {
  readonly node: string;
  /** Null: not known, as of a folder of dumps. */
  readonly capturedAt: Instant | null;
  /** The producer, for example `faultline 0.1.0 capture`, or `plain folder`. */
  readonly collector: string;
  /** `uname -r`, or null. */
  readonly kernel: string | null;
  /** `versions.json`: component -> version (`calico`: `v3.18.1`, `kubernetes`: `v1.19.16`, `iptables`: ...). */
  readonly versions: ReadonlyMap<string, string>;
  /** Notes of the recording: scale, what the lab's stand-ins wrote; [] for a capture of a real node. */
  readonly notes: readonly string[];
  readonly gaps: readonly Gap[];

  /** The four save dumps. A missing one is undecided; one proven to have no tables is a ruleset without tables. */
  readonly rulesets: Readonly<Record<Backend, Readonly<Record<Family, Reading<Ruleset>>>>>;
  /** What runs in nf_tables beside iptables' own tables. */
  readonly nativeChains: Reading<readonly NativeChain[]>;
  /**
   * What the kernel runs, from its own messages (`netlink/`): exact, where the dumps above are what a tool printed. Missing in bundles of
   * other tools and older captures. Walks prefer these.
   */
  readonly kernelRules: {
    readonly legacy: Readonly<Record<Family, Reading<Ruleset>>>;
    readonly nft: Reading<NftRuleset>;
  };
  /** What `nft` listed, as JSON or text, with what such a listing hides made unmodelled. */
  readonly nftListing: Reading<NftRuleset>;
  readonly ipsets: Reading<ReadonlyMap<string, IpSet>>;
  /** Which backend the node's own `iptables` command speaks to. */
  readonly iptablesCommand: Reading<Backend>;

  readonly links: Reading<readonly Link[]>;
  readonly addresses: Reading<readonly InterfaceAddress[]>;
  readonly routes: Reading<readonly Route[]>;
  readonly routingRules: Reading<readonly RoutingRule[]>;
  readonly neighbours: Reading<readonly Neighbour[]>;
  /** Only the kernel's own messages tell them. */
  readonly bridgeEntries?: Reading<readonly BridgeEntry[]>;

  /** Sysctls by dotted name with `/` kept inside interface names: `net.ipv4.conf.cali1a2.rp_filter`, `kernel.pid_max`. */
  readonly sysctls: ReadonlyMap<string, Located<string>>;
  readonly pids: Reading<PidsHierarchy>;
  /** Tasks on the whole host, from field 4 of /proc/loadavg (`running/TOTAL`). */
  readonly tasks: Reading<Located<number>>;
  readonly processes: Reading<readonly Process[]>;
  /** Single numbers of procfs that limits need: `fs.file-nr`, `nf_conntrack_count`, `inotify` ... by name. */
  readonly counters: ReadonlyMap<string, Located<number>>;

  readonly logs: readonly LogFile[];

  readonly pods: Reading<readonly Pod[]>;
  readonly services: Reading<readonly Service[]>;
  readonly events: Reading<readonly KubernetesEvent[]>;
  readonly nodes: Reading<readonly NodeObject[]>;
  readonly daemonSets: Reading<readonly DaemonSet[]>;
  readonly felixConfigurations: Reading<readonly FelixConfiguration[]>;

  /** Packets seen at interfaces (`packets/*.json`), newest last. */
  readonly packets: Reading<readonly InterfaceCapture[]>;
}

/** One probe's packets as seen at one interface by AF_PACKET (as tcpdump would show them). */
export interface InterfaceCapture {
  readonly interface: string;
  /** `node` or the pod whose end of the veth it is, `namespace/name`. */
  readonly end: string;
  readonly packets: readonly {
    readonly time: Instant;
    readonly summary: string;
    readonly from: string;
    readonly to: string;
    readonly line: number;
    readonly text: string;
  }[];
  readonly source: string;
}
