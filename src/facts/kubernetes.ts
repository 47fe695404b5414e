import type { Address } from './address.ts';
import type { Place } from './evidence.ts';
import type { Instant } from './instant.ts';

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string | null;
  readonly phase: string;
  readonly hostNetwork: boolean;
  readonly addresses: readonly Address[];
  readonly labels: Readonly<Record<string, string>>;
  /** `Deployment/orders`, `DaemonSet/calico-node`, ... from ownerReferences. */
  readonly owner: string | null;
  readonly createdAt: Instant | null;
  readonly startedAt: Instant | null;
  readonly deletedAt: Instant | null;
  readonly restarts: number;
  readonly ready: boolean;
  /** Environment of all containers, `container/NAME` -> value; values from references are null. */
  readonly environment: ReadonlyMap<string, string | null>;
  readonly images: readonly string[];
  /** Container ports, for probing: protocol in lower case. */
  readonly ports: readonly { readonly port: number; readonly protocol: string }[];
  readonly at: Place;
  /** The cited line's text. */
  readonly text: string;
}

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly addresses: readonly Address[];
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly protocol: string;
    readonly targetPort: string;
    readonly nodePort: number | null;
  }[];
  readonly at: Place;
}

export interface KubernetesEvent {
  readonly reason: string;
  readonly message: string;
  readonly type: string;
  readonly object: string;
  readonly time: Instant | null;
  readonly count: number;
  readonly at: Place;
  readonly text: string;
}

export interface FelixConfiguration {
  /** `default` or `node.NAME`. */
  readonly name: string;
  readonly iptablesBackend: string | null;
  readonly at: Place;
  readonly text: string;
}

/** The DaemonSet fields that matter here. */
export interface DaemonSet {
  readonly namespace: string;
  readonly name: string;
  readonly images: readonly string[];
  readonly environment: ReadonlyMap<string, string | null>;
  readonly updateStrategy: string | null;
  readonly at: Place;
}

export interface NodeObject {
  readonly name: string;
  readonly addresses: readonly Address[];
  readonly podPrefixes: readonly string[];
  readonly kubeletVersion: string | null;
  readonly conditions: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  readonly at: Place;
}
