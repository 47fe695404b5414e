import type { Family } from './address.ts';
import type { Evidence } from './evidence.ts';
import type { BackendReplay, BackendSurvey } from './ownership.ts';
import type { Backend } from './rule.ts';

/** What one backend's dispatch chains know of the workload interfaces that are there. Names sorted. */
export interface InterfaceComparison {
  readonly backend: Backend;
  readonly family: Family;
  readonly known: readonly string[];
  readonly live: readonly string[];
  /** Live, but not in both dispatch chains: their traffic meets the final DROP. */
  readonly unknown: readonly string[];
  /** In a dispatch chain, but no longer there. */
  readonly gone: readonly string[];
  /** `namespace/name` of the pods whose address is routed to an unknown interface. */
  readonly unknownPods: readonly { readonly interface: string; readonly pod: string }[];
  /** The final DROP of the dispatch chain, where it has one. */
  readonly evidence: readonly Evidence[];
}

export type Disagreement =
  /** Calico rules in the backend that Felix does not program: nobody maintains them. */
  | {
      readonly kind: 'stale-calico-rules';
      readonly backend: Backend;
      readonly family: Family;
      readonly rules: number;
      readonly evidence: readonly Evidence[];
    }
  /** Calico rules in both backends, and no log says which Felix programs. */
  | { readonly kind: 'calico-in-both-backends'; readonly family: Family; readonly evidence: readonly Evidence[] }
  | {
      readonly kind: 'interfaces-unknown';
      readonly backend: Backend;
      readonly family: Family;
      readonly interfaces: readonly string[];
      readonly evidence: readonly Evidence[];
    };

export interface BackendReport extends BackendSurvey {
  readonly apiVersion: 'faultline.dev/v1';
  readonly kind: 'BackendReport';
  /** Null where only probe outcomes were given. */
  readonly node: string | null;
  /** Which backend the node's own `iptables` shows; null where that is not known. */
  readonly iptablesCommand: Backend | null;
  /** Where the rules were read: what a save tool printed, or the kernel's own messages (`netlink/`), which need no tool. */
  readonly readFrom: readonly { readonly backend: Backend; readonly family: Family; readonly source: string }[];
  readonly interfaces: readonly InterfaceComparison[];
  readonly disagreements: readonly Disagreement[];
  readonly replay: BackendReplay | null;
  /** What the replay took for granted. */
  readonly notes: readonly string[];
}
