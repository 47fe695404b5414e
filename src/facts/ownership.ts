import type { Family } from './address.ts';
import type { Evidence } from './evidence.ts';
import type { Backend } from './rule.ts';

/** Who writes rules on Kubernetes nodes. `other`: recognised as nobody's. */
export type Owner = 'calico' | 'kube-proxy' | 'kubelet' | 'docker' | 'flannel' | 'cilium' | 'cni-portmap' | 'firewalld' | 'ufw' | 'other';

/** The rules of one owner in one backend and family. */
export interface OwnedRules {
  readonly owner: Owner;
  readonly backend: Backend;
  readonly family: Family;
  readonly rules: number;
  readonly chains: readonly string[];
  /** Workload interfaces that Calico's dispatch chains know, both directions; [] for other owners. */
  readonly interfaces: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** Which kernel backend a component would choose, and why. */
export interface BackendReplay {
  readonly component: string;
  readonly version: string;
  readonly configured: 'auto' | 'legacy' | 'nft';
  readonly detected: Backend | 'undecided';
  readonly effective: Backend | 'undecided';
  /** The branch of the component's own code that decided, in words. */
  readonly branch: string;
  readonly warning: string | null;
  /** What could not be known. */
  readonly missing: readonly string[];
}

export interface BackendSurvey {
  readonly owned: readonly OwnedRules[];
  /** Which backend Felix's log says it uses since its newest start, if a log says so. */
  readonly felixUses: { readonly backend: Backend; readonly evidence: readonly Evidence[] } | null;
  readonly undecided: readonly { readonly question: string; readonly missing: string }[];
}
